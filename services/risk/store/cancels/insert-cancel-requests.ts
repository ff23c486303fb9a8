import type { Queryable } from '../../../shared/postgres/pool.ts';
import type { WantedCancel } from '../../core/exits/cancel-request.ts';

/**
 * The first request of an order stays. Old requests of what has ended are deleted, but not those of live orders and of
 * approvals without an order. In the order of the IDs, so that the other process of a rollout, which requests
 * the same, does not deadlock. $1 stack, $2 now; one array per column: $3 client order ID, $4 symbol, $5 reason.
 */
const INSERT_REQUESTS = `
WITH ended AS (
  DELETE FROM risk.cancel_requests r
  WHERE r.stack = $1 AND r.requested_at < $2::timestamptz - interval '1 minute' AND NOT EXISTS (
    SELECT FROM trading.live_orders o WHERE o.client_order_id = r.client_order_id AND o.stack = r.stack
    UNION ALL SELECT FROM risk.decisions d JOIN risk.open_approvals a ON a.stack = d.stack AND a.decision_id = d.decision_id
    WHERE d.client_order_id = r.client_order_id AND d.stack = r.stack))
INSERT INTO risk.cancel_requests (client_order_id, stack, symbol, reason, requested_at)
SELECT id, $1, symbol, reason, $2 FROM unnest($3::text[], $4::text[], $5::text[]) AS w (id, symbol, reason) ORDER BY id
ON CONFLICT DO NOTHING
`;

export async function insertCancelRequests(
  on: Queryable,
  stack: string,
  nowMs: number,
  wanted: readonly WantedCancel[],
): Promise<void> {
  const values = [
    stack,
    new Date(nowMs),
    wanted.map(({ clientOrderId }) => clientOrderId),
    wanted.map(({ symbol }) => symbol),
    wanted.map(({ reason }) => reason),
  ];
  await on.query(INSERT_REQUESTS, values);
}
