import { formatDecimal } from '../../../shared/domain/decimal.ts';
import type { OrderReport } from '../../../shared/domain/orders/order-report.ts';
import type { Queryable } from '../../../shared/postgres/pool.ts';
import type { QuarantinedOrder } from '../../ports.ts';

/** The last SELECT does not see the row of the INSERT. $1 stack, $2 venue order ID, $3 symbol, $4 detail, $5 time. */
const INSERT_QUARANTINE = `
WITH added AS (
  INSERT INTO trading.quarantine (stack, venue_order_id, symbol, detail, seen_at) VALUES ($1, $2, $3, $4::jsonb, $5)
  ON CONFLICT DO NOTHING RETURNING seen_at
)
SELECT seen_at, true AS is_new FROM added
UNION ALL SELECT seen_at, false FROM trading.quarantine WHERE stack = $1 AND venue_order_id = $2`;

interface Row {
  readonly seen_at: Date;
  readonly is_new: boolean;
}

/** Quarantines an open order that does not carry our tag. Returns whether it is new, and when it was first seen. */
export async function insertQuarantine(
  on: Queryable,
  stack: string,
  { report, atMs }: { readonly report: OrderReport; readonly atMs: number },
): Promise<QuarantinedOrder> {
  const { venueOrderId, symbol, clientOrderId, side, status } = report;
  const amounts = { price: formatDecimal(report.price), quantity: formatDecimal(report.quantity) };
  const detail = JSON.stringify({ clientOrderId, side, status, ...amounts, executed: formatDecimal(report.executed) });
  const { rows } = await on.query<Row>(INSERT_QUARANTINE, [stack, venueOrderId, symbol, detail, new Date(atMs)]);
  const [row] = rows;
  if (row === undefined) throw new Error(`the quarantine of order ${venueOrderId} is being written, retry`);
  return { isNew: row.is_new, seenMs: row.seen_at.getTime() };
}
