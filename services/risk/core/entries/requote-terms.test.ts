import { describe, expect, it } from 'vitest';
import { held, NOW, riskState } from '../../../../test/fixtures/risk-state.ts';
import { formatDecimal, parseDecimal } from '../../../shared/domain/decimal.ts';
import { decide } from '../decide.ts';
import type { RiskState, Signal } from '../risk-state.ts';

const CHANGED = NOW - 4_000;
const signal: Signal = {
  id: 'entry:maker:XRP/ETH:1',
  strategy: 'maker',
  symbol: 'XRP/ETH',
  stance: 'Long',
  changedAt: CHANGED,
  barClose: NOW - 500,
  referencePrice: parseDecimal('0.0014'),
  release: 'sig',
};
const requote = { requoteSeconds: 2, maxRequotes: 3 };
const sizing = riskState.policy.sizing.map((one) => (one.entry === 'Make' ? { ...one, requote } : one));
const first: RiskState = { ...riskState, policy: { ...riskState.policy, sizing } };
const begun = {
  strategy: 'maker',
  symbol: 'XRP/ETH',
  changedAt: CHANGED,
  quantity: parseDecimal('35.7'),
  lastAtMs: NOW - 3_000,
};

const lasting = (state: RiskState, entryValidMs: number, orderDeadlineMs = 60_000): RiskState => ({
  ...state,
  policy: { ...state.policy, entryValidMs, orderDeadlineMs },
});

/** The terms of the order that is approved now: the best bid, and its times in milliseconds from now. */
function terms(state: RiskState, of: Signal = signal) {
  const decision = decide(state, of);
  const requote = decision.kind === 'Approved' ? decision.order.requote : undefined;
  if (requote === undefined) return decision.kind === 'Approved' ? 'rests until its deadline' : decision.kind;
  return { above: formatDecimal(requote.above), fromMs: requote.fromMs - NOW, untilMs: requote.untilMs - NOW };
}

describe('an order that rests is cancelled where the market leaves it behind', () => {
  it('five ticks above its price, from requoteSeconds on, while another order can follow', () => {
    // The signal is 4 s old; two seconds are left for the next order.
    expect(terms(lasting(first, 30_000))).toEqual({ above: '0.0014005', fromMs: 2_000, untilMs: 24_000 });
  });

  it('as many ticks above its price as the strategy says', () => {
    const sizing = first.policy.sizing.map((one) => ({ ...one, requote: { ...one.requote, requoteTicks: 12 } }));
    const state = { ...first, policy: { ...first.policy, sizing } };
    expect(terms(lasting(state, 30_000))).toMatchObject({ above: '0.0014012' });
  });

  it('no later than its deadline, where that comes first', () => {
    expect(terms(lasting(first, 30_000, 3_000))).toMatchObject({ untilMs: 3_000 });
  });

  it.each([
    [8_001, 3_000, { above: '0.0014005', fromMs: 2_000, untilMs: 2_001 }],
    [8_000, 3_000, 'rests until its deadline'],
    [30_000, 2_000, 'rests until its deadline'],
  ])('never where nothing can follow: valid for %d ms, ordered for %d ms', (validMs, deadlineMs, expected) => {
    expect(terms(lasting(first, validMs, deadlineMs))).toEqual(expected);
  });

  it.each([
    [2, 'object'],
    [3, 'string'],
  ])('never the last one: after %d orders', (count, kind) => {
    expect(typeof terms(lasting({ ...first, entryAttempts: [{ ...begun, count }] }, 30_000))).toBe(kind);
  });

  it('and never one that takes, or an exit', () => {
    expect(terms(lasting(first, 30_000), { ...signal, strategy: 'trend' })).toBe('rests until its deadline');
    expect(
      terms({ ...lasting(first, 30_000), positions: held('30', '0', 'maker') }, { ...signal, stance: 'Flat' }),
    ).toBe('rests until its deadline');
  });
});
