import type { ApprovedOrder } from '../../../services/execution/core/order-record.ts';
import { parseDecimal } from '../../../services/shared/domain/decimal.ts';

export type OrderTerms = Pick<ApprovedOrder, 'symbol' | 'type' | 'price' | 'quantity' | 'deadline'>;

/** Lifetime of an order, as in the default of `spec.risk.orderDeadlineMs`. */
const RESTING_MS = 10_000;
const TAKING_MS = 2_000;

/** Every instrument gets resting buys far below the market, and buys that take what is offered or expire. */
export function mixedTerms(symbols: readonly string[], turn: number, nowMs: number): OrderTerms {
  const rests = Math.floor(turn / symbols.length) % 2 === 0;
  return {
    symbol: symbols[turn % symbols.length] ?? '',
    type: rests ? 'LIMIT' : 'IMMEDIATE_OR_CANCEL',
    price: parseDecimal(rests ? '0.0001' : '0.00145'),
    quantity: parseDecimal('20'),
    deadline: nowMs + (rests ? RESTING_MS : TAKING_MS),
  };
}
