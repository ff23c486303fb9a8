import { describe, expect, it } from 'vitest';
import { held, NOW, openBuy, riskState } from '../../../../test/fixtures/risk-state.ts';
import { parseDecimal } from '../../../shared/domain/decimal.ts';
import { decide } from '../decide.ts';
import type { RiskState, Signal } from '../risk-state.ts';
import type { EntryAttempts } from './entry-attempts.ts';
import { requoteRules } from './requote.ts';

const d = parseDecimal;
const CHANGED = NOW - 4_000;
const signal: Signal = {
  id: 'entry:maker:XRP/ETH:1',
  strategy: 'maker',
  symbol: 'XRP/ETH',
  stance: 'Long',
  changedAt: CHANGED,
  barClose: NOW - 500,
  referencePrice: d('0.0014'),
  release: 'sig',
};

/** An entry of 35.7 XRP, placed `count` times, the last time `ageMs` ago. The rules: every 2 s, three times. */
function begun(count: number, ageMs = 3_000, change: Partial<EntryAttempts> = {}): RiskState {
  const sizing = riskState.policy.sizing.map((one) =>
    one.entry === 'Make' ? { ...one, requote: { requoteSeconds: 2, maxRequotes: 3 } } : one,
  );
  const first = { strategy: 'maker', symbol: 'XRP/ETH', changedAt: CHANGED, quantity: d('35.7') };
  const entryAttempts = [{ ...first, count, lastAtMs: NOW - ageMs, ...change }];
  return { ...riskState, policy: { ...riskState.policy, sizing }, entryAttempts };
}

/** Price and quantity of the order, the code of a refusal, or why nothing is done. */
function outcome(state: RiskState, of: Signal = signal): string {
  const decision = decide(state, of);
  if (decision.kind === 'NoAction') return decision.reason;
  return decision.kind === 'Refused' ? decision.code : `${decision.order.type} ${decision.inputs['quantity']}`;
}

const holding = (state: RiskState, quantity: string, cost = '0'): RiskState => ({
  ...state,
  positions: held(quantity, cost, 'maker'),
});

describe('a resting entry', () => {
  it('is placed again when nothing of it was bought', () => {
    expect(outcome(begun(1))).toBe('LIMIT_MAKER 35.7');
  });

  it.each([
    [1_999, 'RequoteWait'],
    [2_000, 'LIMIT_MAKER 35.7'],
  ])('is placed again not before its time: after %d ms, %s', (ageMs, expected) => {
    expect(outcome(begun(1, ageMs))).toBe(expected);
  });

  it.each([
    [3, 'LIMIT_MAKER 35.7'],
    [4, 'RequotesUsed'],
    [5, 'RequotesUsed'],
  ])('is placed again at most three times: after %d orders, %s', (count, expected) => {
    expect(outcome(begun(count))).toBe(expected);
  });

  it('is not placed beside an order of its own, and not while the outcome of one is unknown', () => {
    const own = { ...openBuy, strategy: 'maker', type: 'LIMIT_MAKER' } as const;
    for (const state of ['Approved', 'Open', 'CancelPending', 'PartiallyFilled'] as const)
      expect(outcome({ ...begun(1), orders: [{ ...own, state }] })).toBe('OrderLive');
    expect(outcome({ ...begun(1), orders: [{ ...own, state: 'Unknown' }] })).toBe('UnknownOrders');
  });

  it('ends with the age of its signal', () => {
    const aged = (ageMs: number) => ({ changedAt: NOW - ageMs });
    expect(outcome(begun(1, 3_000, aged(5_000)), { ...signal, ...aged(5_000) })).toBe('LIMIT_MAKER 35.7');
    expect(outcome(begun(1, 3_000, aged(5_001)), { ...signal, ...aged(5_001) })).toBe('StaleEntry');
  });

  it('of an earlier stance counts for no other: the first order of a stance waits for nothing', () => {
    expect(outcome(begun(9, 0, { changedAt: CHANGED - 1 }))).toBe('LIMIT_MAKER 35.7');
    expect(outcome(holding(begun(1, 3_000, { changedAt: CHANGED - 1 }), '10'))).toBe('StanceMet');
  });

  it('is not placed after a stop has triggered', () => {
    const triggered = { kind: 'StopLoss', level: d('1'), bid: d('1'), entryPrice: d('1'), atMs: NOW - 1 } as const;
    const stop = {
      strategy: 'maker',
      symbol: 'XRP/ETH',
      openedAtMs: 1,
      highPrice: undefined,
      rules: undefined,
      triggered,
    };
    expect(outcome({ ...holding(begun(1), '10'), stops: [stop] })).toBe('StoppedOut');
  });
});

describe('the rest of a resting entry', () => {
  it.each([
    ['10', '0.014', 'LIMIT_MAKER 25.7'],
    ['10.05', '0.014', 'LIMIT_MAKER 25.6'],
    // Less than the minimum of 1, and nothing.
    ['34.8', '0.0487', 'StanceMet'],
    ['35.7', '0.05', 'StanceMet'],
    ['40', '0.056', 'StanceMet'],
  ])('after %s were bought for %s is %s', (quantity, cost, expected) => {
    expect(outcome(holding(begun(1), quantity, cost))).toBe(expected);
  });

  it('costs together with what was bought no more than orderNotional, where the price has risen', () => {
    const bought = holding(begun(1), '10', '0.014');
    const book = { bid: d('0.00142'), ask: d('0.00143'), receivedAt: NOW };
    const lastTrade = { price: d('0.00142'), tradedAt: NOW };
    // 0.036 are left, and buy 25.35 at 0.00142.
    expect(outcome({ ...bought, market: { ...bought.market, book, lastTrade } })).toBe('LIMIT_MAKER 25.3');
    expect(outcome(holding(begun(1), '10', '0.049'))).toBe('StanceMet');
    expect(outcome(holding(begun(1), '10', '0.06'))).toBe('StanceMet');
  });

  it('is no more than what the first order wanted, where the price has fallen', () => {
    const book = { bid: d('0.00139'), ask: d('0.0014'), receivedAt: NOW };
    const state = begun(1);
    expect(outcome({ ...state, market: { ...state.market, book } })).toBe('LIMIT_MAKER 35.7');
  });

  it('is left alone where entries take: what they got is the position', () => {
    const state = { ...begun(1, 3_000, { strategy: 'trend' }), positions: held('10') };
    expect(outcome(state, { ...signal, strategy: 'trend' })).toBe('StanceMet');
  });
});

it('takes without a pause, and as often as the signal comes, where entries take', () => {
  const state = begun(50, 0, { strategy: 'trend' });
  expect(outcome(state, { ...signal, strategy: 'trend' })).toBe('IMMEDIATE_OR_CANCEL 35.6');
});

it('quotes every five seconds and ten times by default, never where entries take or the strategy is gone', () => {
  expect(requoteRules(riskState.policy, 'maker')).toEqual({ ticks: 5, everyMs: 5_000, most: 10 });
  expect(requoteRules(begun(1).policy, 'maker')).toEqual({ ticks: 5, everyMs: 2_000, most: 3 });
  expect(requoteRules(riskState.policy, 'trend')).toBeUndefined();
  expect(requoteRules(riskState.policy, 'gone')).toBeUndefined();
});
