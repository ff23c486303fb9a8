import { allowsOrder, type TradingState } from '../../shared/domain/trading-state.ts';
import type { OrderRecord } from './order-record.ts';

/** What decides which resting orders are cancelled. */
export interface CancelFacts {
  /** UTC milliseconds. */
  readonly nowMs: number;
  readonly tradingState: TradingState;
}

/**
 * Returns the resting orders to cancel: those past their deadline, and those that the trading state forbids: all while
 * halted, buys while reducing or flattening. An order whose cancellation was requested and that has not ended is
 * included again.
 */
export function ordersToCancel(orders: readonly OrderRecord[], facts: CancelFacts): readonly OrderRecord[] {
  return orders.filter((order) => resting(order) && isDue(order, facts));
}

function isDue({ request, deadlineMs }: OrderRecord, { nowMs, tradingState }: CancelFacts): boolean {
  return !allowsOrder(tradingState, request.side) || nowMs > deadlineMs;
}

function resting({ state }: OrderRecord): boolean {
  return state.kind === 'Open' || state.kind === 'PartiallyFilled' || state.kind === 'CancelPending';
}
