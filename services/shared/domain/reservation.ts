import { add, multiply, type Decimal } from './decimal.ts';
import { assetsOf, notionalOf } from './instrument.ts';
import type { OrderRequest } from './order.ts';

/** What an order can take from the account at worst. */
export interface Reservation {
  readonly asset: string;
  readonly amount: Decimal;
}

/**
 * Funds to set aside until an order ends: a buy can cost its notional and the taker's fee on it (MEXC spot v3, "Account Trade List": fees are taken in
 * the quote asset), a sale its quantity. Rounded up.
 */
export function reservationOf(
  order: Pick<OrderRequest, 'symbol' | 'side' | 'price' | 'quantity'>,
  takerFee: Decimal,
): Reservation {
  const { base, quote } = assetsOf(order.symbol);
  if (order.side === 'sell') return { asset: base, amount: order.quantity };
  const notional = notionalOf(order.price, order.quantity);
  return { asset: quote, amount: add(notional, multiply(notional, takerFee, 'ceil')) };
}
