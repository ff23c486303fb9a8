import type { Queryable } from '../../../shared/postgres/pool.ts';
import type { OrderRecord } from '../../core/order-record.ts';
import type { OrderKey } from '../../ports.ts';
import { ORDER_COLUMNS, orderOfRow } from './order-row.ts';

/** $1 stack, $2 our ID, $3 the venue's ID, used only where ours is empty. */
const LOCK_ORDER = `
SELECT ${ORDER_COLUMNS} FROM trading.orders o
WHERE o.stack = $1 AND (o.client_order_id = $2 OR ($2 = '' AND o.venue_order_id = $3))
FOR UPDATE OF o`;

/** Returns the order, locked until the transaction ends; undefined when it does not exist. */
export async function lockOrder(on: Queryable, stack: string, key: OrderKey): Promise<OrderRecord | undefined> {
  const { rows } = await on.query(LOCK_ORDER, [stack, key.clientOrderId, key.venueOrderId]);
  return rows.length === 0 ? undefined : orderOfRow(rows[0]);
}
