import type { Queryable } from '../../../shared/postgres/pool.ts';

/** Joined with the orders that have not ended: a request of an ended one costs nothing. $1 stack. */
const READ_REQUESTS = `
SELECT o.client_order_id FROM risk.cancel_requests r
JOIN trading.live_orders o ON o.client_order_id = r.client_order_id AND o.stack = r.stack
WHERE r.stack = $1
`;

export async function readCancelRequests(on: Queryable, stack: string): Promise<ReadonlySet<string>> {
  const { rows } = await on.query<{ client_order_id: string }>(READ_REQUESTS, [stack]);
  return new Set(rows.map((row) => row.client_order_id));
}
