import { add, multiply, type Decimal } from '../decimal.ts';
import { assetsOf, notionalOf } from '../instrument.ts';
import type { OrderRequest } from './order.ts';

/** The most that an order can take from the account. */
export interface Reservation {
  readonly asset: string;
  readonly amount: Decimal;
}

/**
 * Returns the funds to reserve until an order ends. A buy can cost its notional plus the taker fee on it (MEXC spot v3,
 * "Account Trade List": fees are charged in the quote asset); a sell can cost its quantity. Rounded up.
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
