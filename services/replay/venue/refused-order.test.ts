import { describe, expect, it } from 'vitest';
import type { Command } from '../../exchange-simulator/core/events.ts';
import { parseDecimal } from '../../shared/domain/decimal.ts';
import { rejectionOf } from '../../shared/venue/mexc/rest/outcome.ts';
import { ORDER_REFUSALS, type OrderRefusal } from '../core/venue-faults.ts';
import { refusedOrder } from './refused-order.ts';

const buy: Command = {
  kind: 'place',
  account: 'paper',
  clientOrderId: 'a',
  symbol: 'XRP/ETH',
  side: 'buy',
  type: 'LIMIT',
  price: parseDecimal('0.0015'),
  quantity: parseDecimal('20'),
  request: { time: 1, recvWindowMs: 1, receivedAt: 2 },
};
const replyTo = (command: Command, refusal: OrderRefusal | undefined) => {
  const rejected = refusedOrder(command, { orderRefusal: () => refusal }, 3);
  return rejected && rejectionOf(String(rejected.code), rejected.message);
};

describe('refusedOrder', () => {
  it.each(ORDER_REFUSALS)('returns the terms of an order that is refused: %s', (refusal) => {
    const { kind: _kind, ...terms } = buy;
    expect(refusedOrder(buy, { orderRefusal: () => refusal }, 3)).toMatchObject({
      kind: 'rejected',
      ...terms,
      time: 3,
    });
  });

  it('gives the code that the client reads as drawn', () => {
    expect(replyTo(buy, 'Suspended')).toMatchObject({ pair: 'Paused' });
    expect(replyTo(buy, 'NoFunds')).toMatchObject({ code: '30004', lacksFunds: true });
    expect(replyTo({ ...buy, side: 'sell' }, 'NoFunds')).toMatchObject({ code: '30005', lacksFunds: true });
    expect(replyTo(buy, 'NoPrice')).toEqual({ kind: 'rejected', code: '30010', message: 'no valid trade price' });
  });

  it('refuses nothing that is not drawn, and no cancellation', () => {
    expect(replyTo(buy, undefined)).toBeUndefined();
    expect(replyTo({ kind: 'cancel', account: 'paper', symbol: 'XRP/ETH', orderId: '1' }, 'NoPrice')).toBeUndefined();
  });
});
