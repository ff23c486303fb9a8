import type { Queryable } from '../../../shared/postgres/pool.ts';

/** $1 stack, $2 client order IDs. */
const READ_REJECTIONS = `
SELECT client_order_id AS id, coalesce(reason, '') AS code FROM trading.orders
WHERE stack = $1 AND client_order_id = ANY ($2::text[]) AND state = 'Rejected'`;

/** Returns those of these orders that the venue rejected, with its code. */
export async function readRejections(
  on: Queryable,
  stack: string,
  clientOrderIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const { rows } = await on.query<{ readonly id: string; readonly code: string }>(READ_REJECTIONS, [
    stack,
    [...clientOrderIds],
  ]);
  return new Map(rows.map(({ id, code }) => [id, code]));
}
