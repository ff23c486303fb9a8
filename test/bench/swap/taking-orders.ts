import { parseDecimal } from '../../../services/shared/domain/decimal.ts';
import type { OrderTerms } from '../halt/mixed-orders.ts';

/** Orders a second, and the requests a second of `spec.venue` of which entries may take so many. */
export const ORDERS_PER_SECOND = 20;
export const REQUESTS_PER_SECOND = 50;

/** Lifetime of an order, as in the default of `spec.risk.orderDeadlineMs`. */
export const LIFETIME_MS = 10_000;

/** Small buys above the market, each of which is filled at once. */
export function takingTerms(_turn: number, nowMs: number): OrderTerms {
  return {
    symbol: 'XRP/ETH',
    type: 'IMMEDIATE_OR_CANCEL',
    price: parseDecimal('0.003'),
    quantity: parseDecimal('5'),
    deadline: nowMs + LIFETIME_MS,
  };
}
