import type { RefusedOrder } from '../../core/exits/attempts.ts';
import type { Queryable } from '../../../shared/postgres/pool.ts';

/** $1 stack, $2 client order IDs. */
const READ_REFUSED = `
SELECT client_order_id AS id, state, coalesce(reason, '') AS code FROM trading.orders
WHERE stack = $1 AND client_order_id = ANY ($2::text[]) AND state IN ('Rejected', 'NeverSent')`;

interface Row extends RefusedOrder {
  readonly id: string;
}

/** Returns those of these orders that the venue rejected, or that were never sent, and why. */
export async function readRefusedOrders(
  on: Queryable,
  stack: string,
  clientOrderIds: readonly string[],
): Promise<ReadonlyMap<string, RefusedOrder>> {
  const { rows } = await on.query<Row>(READ_REFUSED, [stack, [...clientOrderIds]]);
  return new Map(rows.map(({ id, state, code }) => [id, { state, code }]));
}
