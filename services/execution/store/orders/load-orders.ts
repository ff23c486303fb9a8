import { z } from 'zod';
import type { Queryable } from '../../../shared/postgres/pool.ts';
import type { OrderRecord } from '../../core/order-record.ts';
import type { LoadedOrders, MalformedOrder } from '../../ports.ts';
import { ORDER_COLUMNS, orderOfRow } from './order-row.ts';

/** $1 stack, $2 client order IDs. */
const LOAD_ORDERS = `
SELECT ${ORDER_COLUMNS} FROM trading.orders o
WHERE o.stack = $1 AND o.client_order_id IN (
  SELECT client_order_id FROM trading.live_orders WHERE stack = $1 UNION SELECT unnest($2::text[]))
ORDER BY o.intended_at, o.client_order_id`;

const readable = z.object({
  client_order_id: z.string(),
  symbol: z.string().catch(''),
  deadline: z.date().optional().catch(undefined),
});

/** Returns every order that has not ended, and those of `ids` whatever their state. A malformed row hides no other. */
export async function loadOrders(on: Queryable, stack: string, ids: readonly string[]): Promise<LoadedOrders> {
  const { rows } = await on.query(LOAD_ORDERS, [stack, ids]);
  const orders: OrderRecord[] = [];
  const malformed: MalformedOrder[] = [];
  for (const row of rows) {
    try {
      orders.push(orderOfRow(row));
    } catch (error) {
      const { client_order_id: clientOrderId, symbol, deadline } = readable.parse(row);
      const problem = error instanceof Error ? error.message : String(error);
      malformed.push({ clientOrderId, symbol, deadlineMs: deadline?.getTime(), row, problem });
    }
  }
  return { orders, malformed };
}
