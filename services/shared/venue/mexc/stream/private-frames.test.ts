import { describe, expect, it } from 'vitest';
import {
  privateDeal as deal,
  privateOrder as placed,
  pushFrame as frame,
} from '../../../../../test/fixtures/mexc-pushes.ts';
import { parseDecimal } from '../../../domain/decimal.ts';
import { readPrivateFrame } from './private-frames.ts';
import type { MexcPushBody } from './protobuf.ts';

const SYMBOLS = new Map([['XRPETH', 'XRP/ETH']]);
const balance = {
  kind: 'privateAccount',
  vcoinName: 'ETH',
  coinId: 'ETH',
  balanceAmount: '1',
  balanceAmountChange: '0',
  frozenAmount: '0',
  frozenAmountChange: '0',
  type: 'ENTRUST',
  time: 1,
} as const satisfies MexcPushBody;

describe('readPrivateFrame', () => {
  const read = (data: Uint8Array | string) =>
    readPrivateFrame(typeof data === 'string' ? Buffer.from(data) : data, typeof data !== 'string', SYMBOLS);

  it('reads a fill', () => {
    expect(read(frame(deal))).toEqual({
      kind: 'Fill',
      fill: {
        venueTradeId: 'T1',
        venueOrderId: 'V1',
        clientOrderId: 'abc',
        symbol: 'XRP/ETH',
        side: 'sell',
        price: parseDecimal('0.0014'),
        quantity: parseDecimal('10'),
        fee: parseDecimal('0.000014'),
        feeAsset: 'ETH',
        maker: true,
        time: 1_700,
      },
    });
  });

  it.each([
    [1, 'New'],
    [2, 'Filled'],
    [3, 'PartiallyFilled'],
    [4, 'Cancelled'],
    [5, 'Cancelled'],
  ])('reads order status %i as %s', (status, expected) => {
    expect(read(frame({ ...placed, status }))).toMatchObject({
      kind: 'Order',
      report: { status: expected, executed: parseDecimal('4'), resting: false, side: 'buy' },
    });
  });

  it.each<[string, Uint8Array | string, string]>([
    ['an unknown status', frame({ ...placed, status: 9 }), 'Malformed'],
    ['garbage', new Uint8Array([0xff, 0xff]), 'Malformed'],
    ['an amount that is not a number', frame({ ...deal, price: 'x' }), 'Malformed'],
    ['an unknown side', frame({ ...deal, tradeType: 3 }), 'Malformed'],
    ['a fill without an ID', frame({ ...deal, tradeId: '' }), 'Malformed'],
    ['a fill with quantity zero', frame({ ...deal, quantity: '0' }), 'Malformed'],
    ['a fee without an amount', frame({ ...deal, feeAmount: '' }), 'Malformed'],
    ['a fill of a pair that is not traded here', frame(deal, 'BTCUSDT'), 'Foreign'],
    ['an order of a pair that is not traded here', frame(placed, 'BTCUSDT'), 'Foreign'],
    ['a malformed order of a pair that is not traded here', frame({ ...placed, status: 9 }, 'BTCUSDT'), 'Malformed'],
    ['a fill without a pair', frame(deal, ''), 'Malformed'],
    ['an unexpected body', frame({ kind: 'other' }), 'Malformed'],
    ['an account push', frame(balance, ''), 'Account'],
    ['a pong', '{"id":0,"code":0,"msg":"PONG"}', 'Pong'],
    ['an acknowledgement', '{"id":0,"code":0,"msg":"spot@private.orders.v3.api.pb"}', 'Subscribed'],
    ['a rejected subscription', '{"id":0,"code":0,"msg":"Not Subscribed successfully! [x]"}', 'Refused'],
    ['an expired key', 'Invalid listen key', 'Malformed'],
  ])('reads %s', (_title, data, kind) => {
    expect(read(data).kind).toBe(kind);
  });
});
