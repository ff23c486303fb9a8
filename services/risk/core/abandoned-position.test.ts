import { expect, it } from 'vitest';
import { held, NOW, riskState } from '../../../test/fixtures/risk-state.ts';
import { abandonedPositions } from './abandoned-position.ts';
import { planExits } from './exits/exit-plan.ts';
import type { RiskState } from './risk-state.ts';

const FLATTEN = 'sell everything by spec.flatten';
const gone = { strategy: 'gone', symbol: 'XRP/ETH' };
const state: RiskState = { ...riskState, positions: held('50', '0.07', 'gone') };
const [trend] = riskState.policy.sizing;
const barOf = (ageMs: number) => {
  const atMs = NOW - ageMs;
  return [{ strategy: 'trend', symbol: 'XRP/ETH', stance: 'Long', barClose: atMs, changedAt: atMs } as const];
};
const ofTrend: RiskState = {
  ...riskState,
  positions: held('50'),
  policy: { ...riskState.policy, sizing: trend === undefined ? [] : [{ ...trend, barSeconds: 60 }] },
};

function textsOf(change: RiskState): readonly string[] {
  return abandonedPositions(change, () => change.market).map((one) => `${one.strategy} ${one.symbol}: ${one.message}`);
}

it.each<[string, RiskState, string, string]>([
  [
    'a strategy that was removed',
    state,
    'gone XRP/ETH: 50 are held, and spec.strategies has no such strategy',
    FLATTEN,
  ],
  [
    'a pair that was removed',
    { ...ofTrend, policy: { ...ofTrend.policy, symbols: ['ADA/ETH'] } },
    'trend XRP/ETH: 50 are held, and spec.instruments has no such pair',
    'add the pair again',
  ],
  [
    'a pair that was removed from its strategy, and has no new bars',
    { ...ofTrend, stances: barOf(240_001) },
    'trend XRP/ETH: 50 are held, and the strategy has sent no signal since 2023-11-14T22:09:19.999Z',
    FLATTEN,
  ],
])('names the position of %s, its quantity and the remedy', (_what, given, expected, remedy) => {
  expect(textsOf(given)).toEqual([expect.stringContaining(expected)]);
  expect(textsOf(given)[0]).toContain(remedy);
});

it('says nothing of a position that is being left', () => {
  const wanted = { ...gone, stance: 'Flat', barClose: NOW, changedAt: NOW } as const;
  expect(textsOf({ ...state, stances: [wanted] })).toEqual([]);
});

it.each<[string, RiskState]>([
  ['a configured strategy', ofTrend],
  ['a strategy with a bar of a moment ago', { ...ofTrend, stances: barOf(240_000) }],
  ['a strategy of unknown bars', { ...riskState, positions: held('50'), stances: barOf(900_000) }],
  ['a removed strategy that holds nothing', { ...state, positions: held('0', '0', 'gone') }],
  ['a removed strategy that holds dust', { ...state, positions: held('0.9', '0', 'gone') }],
])('names no position of %s', (_what, given) => {
  expect(textsOf(given)).toEqual([]);
});

it('is held otherwise, and sold by Flattening', () => {
  const plan = (given: RiskState) =>
    planExits({
      state: given,
      marketOf: () => given.market,
      attempts: new Map(),
      unreadSignals: 'All',
      monotonicMs: 0,
    });
  expect(plan(state)).toMatchObject({ open: [], due: [] });
  const desk = { source: 'desk', state: 'Flattening', reason: '' } as const;
  const flattening = { ...state, tradingStates: [desk], balances: [] };
  expect(plan(flattening)).toMatchObject({ open: [gone], due: [gone], flat: false });
});
