import type { Queryable } from '../../../shared/postgres/pool.ts';
import type { ApprovedOrder } from '../../core/order-record.ts';
import { isMalformed, readApproval } from './open-approvals.ts';

/** $1 stack, $2 decision id. */
const FIND_APPROVAL = `
SELECT approved_order FROM risk.open_approvals WHERE stack = $1 AND decision_id = $2`;

/** The order as risk committed it; undefined where there is no approval, it has an order already, or it cannot be read, which the sweep tells. */
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
