import type { Queryable } from '../../shared/postgres/pool.ts';
import type { ApprovedOrder } from '../core/order-record.ts';
import { parseApproved } from './waiting-decisions.ts';

/** $1 stack, $2 decision id. */
const FIND_APPROVAL = `
SELECT d.approved_order FROM risk.decisions d
WHERE d.stack = $1 AND d.decision_id = $2 AND d.approved
  AND NOT EXISTS (SELECT FROM trading.orders o WHERE o.stack = d.stack AND o.decision_id = d.decision_id)`;

/** The order as risk committed it; undefined where there is no approval, or it has an order already. */
export async function findApproval(
  on: Queryable,
  stack: string,
  decisionId: string,
): Promise<ApprovedOrder | undefined> {
  const { rows } = await on.query<{ readonly approved_order: unknown }>(FIND_APPROVAL, [stack, decisionId]);
  return rows[0] === undefined ? undefined : parseApproved(rows[0].approved_order);
}
