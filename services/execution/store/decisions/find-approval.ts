import type { Queryable } from '../../../shared/postgres/pool.ts';
import type { ApprovedOrder } from '../../core/order-record.ts';
import { isMalformed, readApproval } from './open-approvals.ts';

/** $1 stack, $2 decision ID. */
const FIND_APPROVAL = `
SELECT approved_order FROM risk.open_approvals WHERE stack = $1 AND decision_id = $2`;

/**
 * Returns the order as risk committed it. Undefined when the approval does not exist, already has an order, or cannot
 * be parsed; the approval sweep reports the last case.
 */
export async function findApproval(
  on: Queryable,
  stack: string,
  decisionId: string,
): Promise<ApprovedOrder | undefined> {
  const { rows } = await on.query<{ readonly approved_order: unknown }>(FIND_APPROVAL, [stack, decisionId]);
  if (rows[0] === undefined) return undefined;
  const approval = readApproval(decisionId, rows[0].approved_order);
  return isMalformed(approval) ? undefined : approval;
}
