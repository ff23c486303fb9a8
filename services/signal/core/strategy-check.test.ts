import { expect, test } from 'vitest';
import { durationText, strategyProblem, warmingText, type StrategyView } from './strategy-check.ts';

const decided: StrategyView = {
  strategy: 'cross',
  symbol: 'X/USDT',
  barSeconds: 3_600,
  bars: 21,
  warmUp: 21,
  stance: 'Long',
  incomplete: 0,
  completeAfter: 0,
};

test.each<[string, Partial<StrategyView>, object | undefined]>([
  ['decides', {}, undefined],
  ['warms up without a stance', { bars: 3, stance: undefined }, undefined],
  ['warms up and is flat', { bars: 3, stance: 'Flat' }, undefined],
  [
    'warms up and holds the stance of the previous run',
    { bars: 3 },
    {
      reason: 'StrategyWarming',
      message: 'cross on X/USDT keeps the stance Long of the previous run; 3 of 21 bars, decides in 18 h or later',
    },
  ],
  [
    'has bars that lack trades',
    { incomplete: 2, completeAfter: 20 },
    {
      reason: 'BarsIncomplete',
      message:
        'cross on X/USDT opens no position for 20 more bars, 20 h or longer: trades are missing in 2 of its bars',
    },
  ],
])('a strategy that %s', (_what, change, problem) => {
  expect(strategyProblem({ ...decided, ...change })).toEqual(problem);
});

test('counts the bars that are left', () => {
  expect(warmingText({ ...decided, bars: 0, warmUp: 3, barSeconds: 90 })).toBe('0 of 3 bars, decides in 4 min 30 s or later'); // prettier-ignore
});

test.each([
  [0, '0 s'],
  [59, '59 s'],
  [90, '1 min 30 s'],
  [64_800, '18 h'],
  [9_005, '2 h 30 min'],
])('%i seconds are %s', (seconds, text) => {
  expect(durationText(seconds)).toBe(text);
});
