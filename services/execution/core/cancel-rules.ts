import type { OrderRecord } from './order-record.ts';

/**
 * Returns the resting orders to cancel: those past their deadline, or all of them while halted. An order whose
 * cancellation was requested and that has not ended is included again.
 */
export function ordersToCancel(
  orders: readonly OrderRecord[],
  facts: { readonly nowMs: number; readonly halted: boolean },
): readonly OrderRecord[] {
  return orders.filter((order) => resting(order) && (facts.halted || facts.nowMs > order.deadlineMs));
}

function resting({ state }: OrderRecord): boolean {
  return state.kind === 'Open' || state.kind === 'PartiallyFilled' || state.kind === 'CancelPending';
}
