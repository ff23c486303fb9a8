import { describe, expect, it } from 'vitest';
import { flatSignal as flat, held, NOW, openBuy, riskState } from '../../../../test/fixtures/risk-state.ts';
import { formatDecimal, parseDecimal as d } from '../../../shared/domain/decimal.ts';
import { decide } from '../decide.ts';
import type { RiskState } from '../risk-state.ts';
import type { ExitReach } from './exit-price.ts';

function holding(quantity: string, change: Partial<RiskState['market']> = {}): RiskState {
  return { ...riskState, positions: held(quantity), market: { ...riskState.market, ...change } };
}

function sold(state: RiskState, reach: ExitReach): string {
  const decision = decide(state, flat, reach);
  if (decision.kind !== 'Approved') return decision.kind === 'Refused' ? decision.code : decision.reason;
  return `${formatDecimal(decision.order.quantity)} at ${formatDecimal(decision.order.price)}`;
}

const book = (bid: string, ask: string | undefined) => ({
  book: { bid: d(bid), ask: ask === undefined ? undefined : d(ask), receivedAt: NOW },
});

describe('an exit', () => {
  it('sells a few ticks below the bid at first, and down to the end of the collar after that', () => {
    const state = holding('60', book('0.0014', '0.001401'));
    expect(sold(state, 'Near')).toBe('60 at 0.0013995');
    // 2 % below the middle of 0.0014005, rounded up to the tick.
    expect(sold(state, 'Collar')).toBe('60 at 0.0013725');
  });

  it('fills in a market that falls by a hundred ticks until the order arrives', () => {
    const bidOnArrival = d('0.00139');
    const decision = decide(holding('60', book('0.0014', '0.001401')), flat, 'Collar');
    expect(decision.kind === 'Approved' && decision.order.price <= bidOnArrival).toBe(true);
  });

  it('stays above our own resting bids, so that it trades with the market alone', () => {
    const state = { ...holding('60', book('0.0014', '0.001401')), orders: [{ ...openBuy, price: d('0.00139') }] };
    expect(sold(state, 'Collar')).toBe('60 at 0.0013901');
  });

  it('has a limit at which the venue takes it, where one up to the bid has', () => {
    // The venue values an order at its limit: 8 at the bid are 0.0112, at the end of the collar 0.01098.
    const instrument = { ...instrumentOf(), minNotional: d('0.011') };
    const state = holding('8', { ...book('0.0014', '0.001401'), instrument });
    expect(sold(state, 'Collar')).toBe('8 at 0.001375');
    expect(sold(holding('7.8', { ...book('0.0014', '0.001401'), instrument }), 'Collar')).toBe('Dust');
  });

  it('of a book where nobody asks is bounded by a recent trade', () => {
    const lastTrade = (ageMs: number, price = '0.0014') => ({ lastTrade: { price: d(price), tradedAt: NOW - ageMs } });
    expect(sold(holding('60', { ...book('0.0014', undefined), ...lastTrade(1_000) }), 'Collar')).toBe('60 at 0.001372');
    expect(sold(holding('60', { ...book('0.00004', undefined), ...lastTrade(1_000) }), 'Collar')).toBe('OutsideCollar');
    // A trade below the bid does not bound how far below the bid it sells.
    expect(sold(holding('60', { ...book('0.0014', undefined), ...lastTrade(1_000, '0.001') }), 'Collar')).toBe(
      '60 at 0.001372',
    );
    expect(sold(holding('60', { ...book('0.0014', undefined), ...lastTrade(1_000, '0.001') }), 'Near')).toBe(
      '60 at 0.0013995',
    );
    expect(sold(holding('60', { ...book('0.0014', undefined), ...lastTrade(3_600_001) }), 'Collar')).toBe(
      'CollarUnknown',
    );
  });

  it('has a price of at least a tick, however wide the collar is', () => {
    const limits = { ...riskState.policy.limits, priceCollarPercent: d('100') };
    const state = { ...holding('100000'), policy: { ...riskState.policy, limits } };
    expect(decide(state, flat, 'Collar').kind).not.toBe('NoAction');
  });
});

function instrumentOf() {
  const { instrument } = riskState.market;
  if (instrument === undefined) throw new Error('the fixture has an instrument');
  return instrument;
}
