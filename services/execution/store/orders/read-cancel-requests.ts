import type { Queryable } from '../../../shared/postgres/pool.ts';

/** Also those without an order yet, and some of what has ended: risk deletes those with its next request. $1 stack. */
const READ_REQUESTS = `SELECT client_order_id FROM risk.cancel_requests WHERE stack = $1`;

export async function readCancelRequests(on: Queryable, stack: string): Promise<ReadonlySet<string>> {
  const { rows } = await on.query<{ client_order_id: string }>(READ_REQUESTS, [stack]);
  return new Set(rows.map((row) => row.client_order_id));
}
