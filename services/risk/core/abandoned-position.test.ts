import { expect, it } from 'vitest';
import { held, NOW, openBuy, riskState, unreadRow, xrpEth } from '../../../test/fixtures/risk-state.ts';
import { parseDecimal } from '../../shared/domain/decimal.ts';
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
    'add the pair to spec.instruments again, where it needs no strategy',
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

const record = { ...gone, openedAtMs: NOW, highPrice: undefined, rules: { stopLossPercent: parseDecimal('5') } };
const triggered = { kind: 'StopLoss', level: undefined, bid: undefined, entryPrice: undefined, atMs: NOW } as const;
const without: RiskState = { ...state, policy: { ...state.policy, symbols: ['ADA/ETH'] } };

it.each<[string, RiskState, string]>([
  ['has no stop', state, 'it is kept; it has no stop; add it again to have it decided on'],
  [
    'is protected by a stop',
    { ...state, stops: [{ ...record, triggered: undefined }] },
    'it is kept; its stop loss at 0.00133 is watched; add it again to have it decided on',
  ],
  [
    'has a stop, but no feed',
    { ...without, stops: [{ ...record, triggered: undefined }] },
    'its stop loss at 0.00133 is not watched, because the pair has no feed; add the pair to spec.instruments again',
  ],
  [
    'has a stop that triggered, but no feed',
    { ...without, stops: [{ ...record, triggered }] },
    'its stop has triggered, but the position is not sold, because the pair has no feed; add the pair to spec.instruments again',
  ],
  [
    'has a stop whose row cannot be read',
    { ...state, unread: [{ ...unreadRow, table: 'risk.stops', strategy: 'gone' }] },
    'its stop is unknown, because its row in risk.stops cannot be read; add it again',
  ],
])('says that a position of a removed strategy %s', (_what, given, expected) => {
  expect(textsOf(given)).toEqual([expect.stringContaining(expected)]);
});

/** A lot of 0.1, and at 0.0014 a minimum notional of 0.8. */
const balance = { asset: 'XRP', ledger: parseDecimal('0.7'), reconciledAtMs: NOW - 1_000 };
const instrument = { ...xrpEth, minQuantity: parseDecimal('0.1') };
const market = { ...riskState.market, instrument };
const withdrawn: RiskState = { ...ofTrend, market, balances: [balance] };
const wantsFlat = { strategy: 'trend', symbol: 'XRP/ETH', stance: 'Flat', barClose: NOW, changedAt: NOW } as const;

it.each<[string, RiskState]>([
  ['that its strategy wants', withdrawn],
  ['that its strategy wants to leave', { ...withdrawn, stances: [wantsFlat] }],
  ['of a pair that was removed', { ...withdrawn, policy: { ...withdrawn.policy, symbols: [] } }],
])('names a position whose coins are gone, %s', (_what, given) => {
  const [named] = abandonedPositions(given, () => given.market);
  expect(named).toMatchObject({ strategy: 'trend', symbol: 'XRP/ETH', reason: 'CoinsMissing' });
  expect(named?.message).toMatch(
    /^50 are held by the record, .* no orders are sent; see "Coins of a position are missing"/,
  );
});

it('names first the position whose coins are gone', () => {
  const [other] = held('50', '0.07', 'another').map((position) => ({ ...position, symbol: 'ADA/ETH' }));
  const positions = other === undefined ? [] : [other, ...held('50')];
  const ada = { ...balance, asset: 'ADA', ledger: parseDecimal('50') };
  const texts = textsOf({ ...withdrawn, positions, balances: [balance, ada] });
  expect(texts.map((text) => text.split(' ')[0])).toEqual(['trend', 'another']);
});

const sale = { ...openBuy, side: 'sell', reservedAsset: 'XRP', reserved: openBuy.quantity } as const;

it.each<[string, RiskState]>([
  [
    'are there in part, so that an exit sells those',
    { ...withdrawn, balances: [{ ...balance, ledger: parseDecimal('0.8') }] },
  ],
  ['are reserved by a sale', { ...withdrawn, orders: [sale] }],
  ['may be there, because ledger and venue differ', { ...withdrawn, balances: [{ ...balance, drifting: true }] }],
  [
    'may be there, because the balance is old',
    { ...withdrawn, balances: [{ ...balance, reconciledAtMs: NOW - 700_000 }] },
  ],
  ['may be there, because the balance is unknown', { ...withdrawn, balances: [] }],
  ['were dust', { ...withdrawn, positions: held('0.75'), balances: [{ ...balance, ledger: parseDecimal('0.5') }] }],
])('does not say that coins are gone that %s', (_what, given) => {
  expect(textsOf(given)).toEqual([]);
});

it('leaves out a position of a removed strategy that its stop sells', () => {
  expect(textsOf({ ...state, stops: [{ ...record, triggered }] })).toEqual([]);
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
