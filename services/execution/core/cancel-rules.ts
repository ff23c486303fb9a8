import type { Decimal } from '../../shared/domain/decimal.ts';
import { isOutbid } from '../../shared/domain/orders/requote-terms.ts';
import { allowsOrder, type TradingState } from '../../shared/domain/trading-state.ts';
import type { OrderRecord } from './order-record.ts';

/** What decides which resting orders are cancelled. */
export interface CancelFacts {
  /** UTC milliseconds. */
  readonly nowMs: number;
  readonly tradingState: TradingState;
  /** Best bid of a symbol in a recent book; undefined while there is none. */
  readonly bestBid: (symbol: string) => Decimal | undefined;
  /** Whether risk has requested the cancellation, because the order stands in the way of an exit. */
  readonly isRequested: (clientOrderId: string) => boolean;
}

/**
 * Returns the resting orders to cancel: those past their deadline, those that risk wants out of the way of an exit,
 * those that the market has left behind, and those that the trading state forbids: all while halted, buys while
 * reducing or flattening. An order whose cancellation was requested and that has not ended is included again.
 */
export function ordersToCancel(orders: readonly OrderRecord[], facts: CancelFacts): readonly OrderRecord[] {
  return orders.filter((order) => resting(order) && isDue(order, facts));
}

/** What is known of an order whose row cannot be read. Its state and its side are not. */
export interface UnreadOrder {
  readonly clientOrderId: string;
  /** Empty when it cannot be read: then the venue cannot be asked. */
  readonly symbol: string;
  /** UTC milliseconds; undefined when it cannot be read. */
  readonly deadlineMs: number | undefined;
}

/**
 * Returns the orders to cancel of those whose rows cannot be read, in case they rest: those past their deadline, or
 * whose deadline is unknown, those that risk wants out of the way of an exit, and all while halted.
 */
export function unreadToCancel<T extends UnreadOrder>(
  orders: readonly T[],
  { nowMs, tradingState, isRequested }: Pick<CancelFacts, 'nowMs' | 'tradingState' | 'isRequested'>,
): readonly T[] {
  return orders.filter(
    ({ clientOrderId, symbol, deadlineMs = Number.NEGATIVE_INFINITY }) =>
      symbol !== '' && (tradingState === 'Halted' || nowMs > deadlineMs || isRequested(clientOrderId)),
  );
}

function isDue({ request, deadlineMs, requote }: OrderRecord, facts: CancelFacts): boolean {
  const { nowMs, tradingState, bestBid, isRequested } = facts;
  if (!allowsOrder(tradingState, request.side) || nowMs > deadlineMs) return true;
  if (isRequested(request.clientOrderId)) return true;
  return requote !== undefined && isOutbid(requote, bestBid(request.symbol), nowMs);
}

function resting({ state }: OrderRecord): boolean {
  return state.kind === 'Open' || state.kind === 'PartiallyFilled' || state.kind === 'CancelPending';
}
