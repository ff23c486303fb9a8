import { formatDecimal } from '../../../shared/domain/decimal.ts';
import type { OrderReport } from '../../../shared/domain/orders/order-report.ts';
import type { Queryable } from '../../../shared/postgres/pool.ts';

/** $1 stack, $2 venue order ID, $3 symbol, $4 detail. */
const INSERT_QUARANTINE = `
INSERT INTO trading.quarantine (stack, venue_order_id, symbol, detail) VALUES ($1, $2, $3, $4::jsonb) ON CONFLICT DO NOTHING`;

/** Quarantines an open order that does not carry our tag. Returns whether it is new. */
export async function insertQuarantine(on: Queryable, stack: string, report: OrderReport): Promise<boolean> {
  const { venueOrderId, symbol, clientOrderId, side, status } = report;
  const amounts = { price: formatDecimal(report.price), quantity: formatDecimal(report.quantity) };
  const detail = JSON.stringify({ clientOrderId, side, status, ...amounts, executed: formatDecimal(report.executed) });
  const { rowCount } = await on.query(INSERT_QUARANTINE, [stack, venueOrderId, symbol, detail]);
  return rowCount === 1;
}
