import { z } from 'zod';
import { formatDecimal } from '../../../shared/domain/decimal.ts';
import type { Queryable } from '../../../shared/postgres/pool.ts';
import type { IntentOutcome } from '../../ports.ts';
import type { OrderRecord } from '../../core/order-record.ts';
import type { Fence } from '../../core/role.ts';
import { columnsOf } from './order-row.ts';

/**
 * One statement: it holds the fence FOR SHARE until the commit, so that a grant to another sender waits for it. After
 * an earlier grant it inserts nothing. $1 stack, $2 epoch, $3 holder, $4... the order.
 */
const INSERT_INTENT = `
WITH fence AS MATERIALIZED (
  SELECT epoch FROM trading.execution_fence WHERE stack = $1 AND epoch = $2 AND holder = $3 FOR SHARE
), inserted AS (
  INSERT INTO trading.orders (stack, client_order_id, decision_id, strategy, symbol, side, type, price, quantity, reserved_asset, reserved, epoch,
    risk_hash, deadline, state, venue_order_id, reason, unknown_since, intended_at)
  SELECT $1, $4, $5, $6, $7, $8, $9, $10::numeric, $11::numeric, $12, $13::numeric, fence.epoch, $14, $15::timestamptz, $16, $17, $18, $19::timestamptz,
    $20::timestamptz
  FROM fence
  ON CONFLICT DO NOTHING
  RETURNING client_order_id
)
SELECT (SELECT count(*)::int FROM fence) AS fences, (SELECT count(*)::int FROM inserted) AS orders`;

const outcomeRow = z.object({ fences: z.int(), orders: z.int() });

export async function insertIntent(
  on: Queryable,
  stack: string,
  fence: Fence,
  order: OrderRecord,
): Promise<IntentOutcome> {
  const { request, state } = order;
  const { venueOrderId, reason, unknownSince } = columnsOf(state);
  const { rows } = await on.query(INSERT_INTENT, [
    stack,
    fence.epoch,
    fence.holder,
    request.clientOrderId,
    order.decisionId,
    order.strategy,
    request.symbol,
    request.side,
    request.type,
    formatDecimal(request.price),
    formatDecimal(request.quantity),
    order.reservedAsset,
    formatDecimal(order.reserved),
    order.riskHash,
    new Date(order.deadlineMs),
    state.kind,
    venueOrderId,
    reason,
    unknownSince,
    new Date(order.intendedAtMs),
  ]);
  const { fences, orders } = outcomeRow.parse(rows[0]);
  if (fences === 0) return 'Fenced';
  return orders === 1 ? 'Committed' : 'Duplicate';
}
