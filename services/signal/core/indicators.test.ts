import { describe, expect, test } from 'vitest';
import { formatDecimal, parseDecimal, type Decimal } from '../../shared/domain/decimal.ts';
import type { Bar } from './bars.ts';
import { donchianStance, donchianWindow } from './donchian.ts';
import { emaCrossStance } from './ema-cross.ts';
import { ema, emaWindow } from './ema.ts';
import type { Stance } from '../../shared/domain/stance.ts';

describe('exponential moving average', () => {
  // Computed by hand: length 3, so a factor of 1/2: seed (1 + 2 + 3) / 3 = 2; then 2 + (6 - 2) / 2 = 4; 4 + (5 - 4) / 2
  // = 4.5; 4.5 + (0.5 - 4.5) / 2 = 2.5.
  test.each<[string[], number, string | undefined]>([
    [['1', '2'], 3, undefined],
    [['1', '2', '3'], 3, '2'],
    [['1', '2', '3', '6'], 3, '4'],
    [['1', '2', '3', '6', '5'], 3, '4.5'],
    [['1', '2', '3', '6', '5', '0.5'], 3, '2.5'],
    [['7', '8', '9'], 1, '9'],
    // Length 2, factor 2/3: seed 1.5, then 1.5 + 2/3 x 1.5 = 2.5.
    [['1', '2', '3'], 2, '2.5'],
    // A third has no finite decimal form: rounded down at the 18th decimal.
    [['1', '1', '2'], 2, '1.666666666666666666'],
  ])('of %j over %i is %s', (closes, length, expected) => {
    const value = ema(closes.map(parseDecimal), length);
    expect(value === undefined ? undefined : formatDecimal(value)).toBe(expected);
  });

  test('looks back four times its length and no further', () => {
    const window = Array.from({ length: emaWindow(5) }, (_, index) => parseDecimal(String(10 + (index % 4))));
    expect(ema([parseDecimal('1000'), ...window], 5)).toBe(ema(window, 5));
    expect(ema([parseDecimal('1000'), ...window.slice(1)], 5)).not.toBe(ema(window, 5));
  });
});

describe('Donchian breakout with 3 entry bars and 2 exit bars', () => {
  const rule = { entryBars: 3, exitBars: 2 };
  // [high, low, close] of bars, oldest first; the last bar is compared with those before it.
  test.each<[string, [number, number, number][], Stance, Stance]>([
    [
      'enters on a close above the highest high',
      [
        [5, 3, 4],
        [6, 4, 5],
        [5, 4, 4],
        [7, 5, 7],
      ],
      'Flat',
      'Long',
    ],
    [
      'does not enter on a close at the highest high',
      [
        [5, 3, 4],
        [6, 4, 5],
        [5, 4, 4],
        [7, 5, 6],
      ],
      'Flat',
      'Flat',
    ],
    [
      'excludes the high of the newest bar from the channel',
      [
        [5, 3, 4],
        [6, 4, 5],
        [5, 4, 4],
        [9, 5, 7],
      ],
      'Flat',
      'Long',
    ],
    [
      'ignores a high before the channel',
      [
        [99, 3, 4],
        [5, 3, 4],
        [6, 4, 5],
        [5, 4, 4],
        [7, 5, 7],
      ],
      'Flat',
      'Long',
    ],
    [
      'exits on a close below the lowest low of two bars',
      [
        [5, 1, 4],
        [6, 4, 5],
        [5, 4, 4],
        [5, 3, 3],
      ],
      'Long',
      'Flat',
    ],
    [
      'does not exit on a close at the lowest low',
      [
        [5, 1, 4],
        [6, 4, 5],
        [5, 4, 4],
        [5, 3, 4],
      ],
      'Long',
      'Long',
    ],
    [
      'keeps the stance between the channels',
      [
        [5, 3, 4],
        [6, 4, 5],
        [5, 4, 4],
        [5, 4, 5],
      ],
      'Long',
      'Long',
    ],
    [
      'stays long on a breakout while long',
      [
        [5, 3, 4],
        [6, 4, 5],
        [5, 4, 4],
        [9, 5, 9],
      ],
      'Long',
      'Long',
    ],
    [
      'stays flat on a breakdown while flat',
      [
        [5, 3, 4],
        [6, 4, 5],
        [5, 4, 4],
        [5, 1, 1],
      ],
      'Flat',
      'Flat',
    ],
  ])('%s', (_name, bars, before, after) => {
    expect(bars.length).toBeGreaterThanOrEqual(donchianWindow(rule));
    expect(donchianStance(rule, bars.map(bar), before)).toBe(after);
  });
});

describe('crossing of averages with lengths 1 and 3', () => {
  const rule = { fastBars: 1, slowBars: 3 };
  // The fast average is the close itself. The slow one, computed by hand: seed of the first three, then halfway to each
  // close.
  test.each<[string, number[], Stance, Stance]>([
    ['enters when the fast average crosses above', [4, 4, 4, 8], 'Flat', 'Long'], // slow 4 -> 6, fast 4 -> 8
    ['does not enter when above from the start', [1, 2, 6, 9], 'Flat', 'Flat'], // slow 3 -> 6, fast 6 -> 9
    ['exits when the fast average is below', [4, 4, 8, 1], 'Long', 'Flat'], // slow 5.3 -> 3.2, fast 8 -> 1
    ['stays long while the averages are equal', [4, 4, 4, 4], 'Long', 'Long'],
    ['does not enter while the averages are equal', [4, 4, 4, 4], 'Flat', 'Flat'],
    ['does not enter on a rise from below to equal', [6, 4, 2, 4], 'Flat', 'Flat'], // slow 4 -> 4, fast 2 -> 4
  ])('%s', (_name, closes, before, after) => {
    expect(emaCrossStance(rule, closes.map((close) => bar([close, close, close])), before)).toBe(after); // prettier-ignore
  });
});

function bar([high, low, close]: readonly [number, number, number], index = 0): Bar {
  const price = (value: number): Decimal => parseDecimal(String(value));
  return {
    closeTime: index * 1_000,
    open: price(close),
    high: price(high),
    low: price(low),
    close: price(close),
    trades: 1,
  };
}
