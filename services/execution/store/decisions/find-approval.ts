import type { Queryable } from '../../../shared/postgres/pool.ts';
import type { ApprovedOrder } from '../../core/order-record.ts';
import { isMalformed, readApproval } from './read-approval.ts';

/** $1 stack, $2 decision ID. */
const FIND_APPROVAL = `
SELECT d.approved_order FROM risk.decisions d
WHERE d.stack = $1 AND d.decision_id = $2 AND d.approved
  AND (SELECT true FROM trading.orders o WHERE o.stack = d.stack AND o.decision_id = d.decision_id) IS NULL`;

interface Row {
  readonly approved_order: unknown;
}

/**
 * Returns the order as risk committed it. Undefined when the approval does not exist, already has an order, or cannot
 * be parsed; the approval sweep reports the last case.
 */
export async function findApproval(
  on: Queryable,
  stack: string,
  decisionId: string,
): Promise<ApprovedOrder | undefined> {
  const { rows } = await on.query<Row>(FIND_APPROVAL, [stack, decisionId]);
  if (rows[0] === undefined) return undefined;
  const approval = readApproval(decisionId, rows[0].approved_order);
  return isMalformed(approval) ? undefined : approval;
}
