import { expect, it } from 'vitest';
import { parseDecimal } from '../../../shared/domain/decimal.ts';
import type { OrderRequest } from '../../../shared/domain/orders/order.ts';
import { movableAmounts } from './movable-amounts.ts';

const d = parseDecimal;

function order(side: OrderRequest['side'], { symbol = 'XRP/ETH', filled = '0', reserved = '0' } = {}) {
  const request = { clientOrderId: side, symbol, side, type: 'LIMIT', price: d('2'), quantity: d('10') } as const;
  return { request, filled: d(filled), reserved: d(reserved) };
}

function amounts(...orders: readonly ReturnType<typeof order>[]) {
  return Object.fromEntries([...movableAmounts(orders)].map(([asset, { least, most }]) => [asset, [least, most]]));
}

it('is nothing without orders', () => {
  expect(amounts()).toEqual({});
});

it('is what a buy may bring, and at most what it reserves', () => {
  expect(amounts(order('buy', { reserved: '20.02' }))).toEqual({ XRP: [0n, d('10')], ETH: [d('-20.02'), 0n] });
});

it('is what a sale may take, and twice its notional', () => {
  expect(amounts(order('sell', { reserved: '10' }))).toEqual({ XRP: [d('-10'), 0n], ETH: [0n, d('40')] });
});

it('is only what is not filled yet', () => {
  expect(amounts(order('sell', { filled: '7' }))).toEqual({ XRP: [d('-3'), 0n], ETH: [0n, d('12')] });
  expect(amounts(order('buy', { filled: '11', reserved: '0' }))).toEqual({ XRP: [0n, 0n], ETH: [0n, 0n] });
});

it('adds up over the orders of an asset, also as base of one and quote of the other', () => {
  expect(amounts(order('sell'), order('buy', { symbol: 'ETH/USDT', reserved: '21' }))).toEqual({
    XRP: [d('-10'), 0n],
    ETH: [0n, d('50')],
    USDT: [d('-21'), 0n],
  });
});

it('is computed of orders whose notional is no decimal', () => {
  const { request, ...rest } = order('sell');
  const quantity = d('99999999999999999999');
  expect(movableAmounts([{ ...rest, request: { ...request, price: quantity, quantity } }]).get('ETH')?.most).toBe(
    (2n * quantity * quantity) / 10n ** 18n,
  );
});
