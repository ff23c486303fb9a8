import { formatDecimal } from '../../../shared/domain/decimal.ts';
import type { Queryable } from '../../../shared/postgres/pool.ts';
import type { OrderRecord } from '../../core/order-record.ts';
import { columnsOf } from './order-row.ts';

/**
 * The venue's ID stays once it is known. $1 stack, $2 client order ID, $3 state, $4 venue order ID, $5 filled, $6
 * reason, $7 unknown since, $8 executed in all.
 */
const UPDATE_ORDER = `
UPDATE trading.orders SET state = $3, venue_order_id = coalesce($4, venue_order_id), filled = $5::numeric, reason = coalesce($6, reason),
  unknown_since = $7::timestamptz, final_executed = $8::numeric, updated_at = clock_timestamp()
WHERE stack = $1 AND client_order_id = $2`;

export async function updateOrder(on: Queryable, stack: string, order: OrderRecord): Promise<void> {
  const { venueOrderId, reason, unknownSince } = columnsOf(order.state);
  const { clientOrderId } = order.request;
  await on.query(UPDATE_ORDER, [
    stack,
    clientOrderId,
    order.state.kind,
    venueOrderId,
    formatDecimal(order.filled),
    reason,
    unknownSince,
    order.finalExecuted === undefined ? null : formatDecimal(order.finalExecuted),
  ]);
}
