import type { OrderRecord } from './order-record.ts';

/** Resting orders whose cancellation is due: past their deadline, or all of them while halted. A cancel that brought no end is asked for again. */
export function ordersToCancel(
  orders: readonly OrderRecord[],
  facts: { readonly now: number; readonly halted: boolean },
): readonly OrderRecord[] {
  return orders.filter((order) => resting(order) && (facts.halted || facts.now > order.deadline));
}

function resting({ state }: OrderRecord): boolean {
  return state.kind === 'Open' || state.kind === 'PartiallyFilled' || state.kind === 'CancelPending';
}
