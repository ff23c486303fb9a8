import { expect, it } from 'vitest';
import { parseDecimal as d } from '../decimal.ts';
import { reservationOf } from './reservation.ts';

it('rounds the fee of a buy up: an order never costs more than it reserves', () => {
  const smallest = { symbol: 'XRP/ETH', side: 'buy', price: d('0.000000001'), quantity: d('0.000000001') } as const;
  expect(reservationOf(smallest, d('0.001'))).toEqual({ asset: 'ETH', amount: d('0.000000000000000002') });
});
