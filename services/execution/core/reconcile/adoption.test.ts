import { describe, expect, it } from 'vitest';
import { approvedOrder } from '../../../../test/fixtures/approved-orders.ts';
import { parseDecimal, ZERO } from '../../../shared/domain/decimal.ts';
import type { OrderReport } from '../../../shared/domain/orders/order-report.ts';
import { adoptedOrder, unexplainedOrder } from './adoption.ts';

const d = parseDecimal;
const approval = approvedOrder('d1', { type: 'LIMIT', deadline: 9_000 });
const { clientOrderId, symbol, side, price, quantity, strategy, riskHash } = approval;
const report: OrderReport = {
  venueOrderId: 'V1',
  clientOrderId,
  symbol,
  side,
  price,
  quantity,
  executed: d('4'),
  status: 'PartiallyFilled',
  resting: true,
};
const sent = { instrument: { takerFee: d('0.001') }, epoch: 7, intendedAtMs: 5_000 };
const decision = { decisionId: 'd1', strategy, deadlineMs: 9_000, riskHash, approval };

describe('an adopted order', () => {
  const explained = {
    request: { clientOrderId, symbol, side, price, quantity, type: 'LIMIT' },
    decisionId: 'd1',
    strategy: 'trend',
    deadlineMs: 9_000,
    riskHash: 'hash',
    reservedAsset: 'ETH',
    // 10 at 0.0014, plus the fee on it.
    reserved: d('0.014014'),
    epoch: 7,
    intendedAtMs: 5_000,
    state: { kind: 'Open', venueOrderId: 'V1' },
    filled: ZERO,
    tradeIds: new Set(),
  };

  it('keeps strategy, deadline, risk hash and reservation of its decision', () => {
    // Whatever the venue shows of its price and type.
    for (const shown of [report, { ...report, price: ZERO, resting: false }])
      expect(adoptedOrder(shown, { decision, ...sent })).toEqual(explained);
  });

  it('keeps them also when the approval cannot be parsed, with what the venue says of the order', () => {
    const unreadable = { ...decision, approval: undefined };
    expect(adoptedOrder(report, { decision: unreadable, ...sent })).toEqual(explained);
    const sale = adoptedOrder({ ...report, side: 'sell' }, { decision: unreadable, ...sent });
    expect(sale).toMatchObject({ reservedAsset: 'XRP', reserved: d('10') });
    const unknown = adoptedOrder(report, { decision: unreadable, ...sent, instrument: undefined });
    expect(unknown.reserved).toBe(d('0.014'));
  });

  it('belongs to no strategy without a decision, expires at once and reserves nothing', () => {
    expect(adoptedOrder({ ...report, resting: false }, { decision: undefined, ...sent })).toEqual({
      ...explained,
      request: { ...explained.request, type: 'IMMEDIATE_OR_CANCEL' },
      decisionId: `adopted:${clientOrderId}`,
      strategy: 'adopted',
      riskHash: 'adopted',
      deadlineMs: 5_000,
      reserved: ZERO,
    });
  });

  it('without a decision has a letter with the report of the venue', () => {
    const letter = unexplainedOrder(report);
    expect(letter).toMatchObject({ kind: 'Order', id: `${clientOrderId} Adopted`, symbol, problem: /no decision/ });
    expect(JSON.parse(letter.payload)).toMatchObject({ report: { venueOrderId: 'V1', quantity: '10' } });
  });
});
