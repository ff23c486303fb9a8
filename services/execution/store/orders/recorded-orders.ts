import type { Queryable } from '../../../shared/postgres/pool.ts';

/** $1 stack, $2 the venue's order IDs. */
const RECORDED_ORDERS = `
SELECT venue_order_id AS id FROM trading.orders WHERE stack = $1 AND venue_order_id = ANY($2::text[])`;

/** Returns those of the venue's order IDs that are of recorded orders. */
export async function recordedOrders(
  on: Queryable,
  stack: string,
  venueOrderIds: readonly string[],
): Promise<ReadonlySet<string>> {
  if (venueOrderIds.length === 0) return new Set();
  const { rows } = await on.query<{ readonly id: string }>(RECORDED_ORDERS, [stack, venueOrderIds]);
  return new Set(rows.map(({ id }) => id));
}
