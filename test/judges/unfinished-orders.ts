import type { OrderStateKind } from '../../services/shared/domain/orders/order.ts';

/** Kinds of final states, as the rows of the database name them. */
export const FINAL_STATES: ReadonlySet<string> = new Set([
  'Filled',
  'Cancelled',
  'Rejected',
  'NeverSent',
] satisfies OrderStateKind[]);

/** Returns the orders that have not ended, as text. Read while nothing may be open, such as after a halt. */
export function unfinishedOrders(
  orders: readonly { readonly client_order_id: string; readonly state: string }[],
): readonly string[] {
  return orders
    .filter(({ state }) => !FINAL_STATES.has(state))
    .map(({ client_order_id: id, state }) => `order ${id} is ${state}`);
}
