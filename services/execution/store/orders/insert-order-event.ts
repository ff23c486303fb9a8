import { formatDecimal } from '../../../shared/domain/decimal.ts';
import type { Queryable } from '../../../shared/postgres/pool.ts';
import type { OrderRecord } from '../../core/order-record.ts';
import { reasonOf } from './order-row.ts';

/**
 * The order's row is locked or new, so the next sequence number is free. $1 stack, $2 client order ID, $3 state, $4
 * filled, $5 reason, $6 epoch, $7 at.
 */
const INSERT_ORDER_EVENT = `
INSERT INTO trading.order_events (stack, client_order_id, seq, state, filled, reason, epoch, at)
SELECT $1, $2, coalesce(max(seq), 0) + 1, $3, $4::numeric, $5, $6, $7::timestamptz FROM trading.order_events WHERE stack = $1 AND client_order_id = $2`;

/** Inserts one step of the order's history. `order` is the order after the step. */
export async function insertOrderEvent(
  on: Queryable,
  stack: string,
  order: OrderRecord,
  by: { readonly epoch: number; readonly atMs: number },
): Promise<void> {
  const { clientOrderId } = order.request;
  const values = [order.state.kind, formatDecimal(order.filled), reasonOf(order.state)];
  await on.query(INSERT_ORDER_EVENT, [stack, clientOrderId, ...values, by.epoch, new Date(by.atMs)]);
}
