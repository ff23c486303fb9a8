import { approvedOrderMessage, type ApprovedOrderMessage } from '../../shared/contracts/messages/approved-order.ts';
import { approve } from '../../shared/domain/approved.ts';
import type { Queryable } from '../../shared/postgres/pool.ts';
import type { ApprovedOrder } from '../core/order-record.ts';

/** Bounded: what is left over comes with the next turn. $1 stack. */
const WAITING_DECISIONS = `
SELECT d.approved_order FROM risk.decisions d
WHERE d.stack = $1 AND d.approved AND NOT EXISTS (SELECT FROM trading.orders o WHERE o.stack = d.stack AND o.decision_id = d.decision_id)
ORDER BY d.decided_at LIMIT 100`;

/** Approvals that have no order, oldest first, also those past their deadline: each has to come to an end. */
export async function waitingDecisions(on: Queryable, stack: string): Promise<readonly ApprovedOrder[]> {
  const { rows } = await on.query<{ readonly approved_order: unknown }>(WAITING_DECISIONS, [stack]);
  return rows.map(({ approved_order: order }) => parseApproved(order));
}

/** A message of risk is an approval: nobody else may write to where it comes from. Throws on one that is malformed. */
export function parseApproved(json: unknown): ApprovedOrder {
  return approve<ApprovedOrderMessage>(approvedOrderMessage.parse(json));
}
