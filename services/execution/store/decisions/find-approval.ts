import type { Queryable } from '../../../shared/postgres/pool.ts';
import type { ApprovedOrder } from '../../core/order-record.ts';
import type { ApprovalKey } from '../../ports.ts';
import { isMalformed, readApproval } from './read-approval.ts';

/** $1 stack, $2 the ID. */
function statement(column: 'decision_id' | 'client_order_id'): string {
  return `
SELECT d.decision_id, d.approved_order FROM risk.decisions d
WHERE d.stack = $1 AND d.${column} = $2 AND d.approved
  AND (SELECT true FROM trading.orders o WHERE o.stack = d.stack AND o.decision_id = d.decision_id) IS NULL`;
}

const BY_DECISION = statement('decision_id');
const BY_ORDER = statement('client_order_id');

interface Row {
  readonly decision_id: string;
  readonly approved_order: unknown;
}

/**
 * Returns the order as risk committed it. Undefined when the approval does not exist, already has an order, or cannot
 * be parsed; the approval sweep reports the last case.
 */
export async function findApproval(on: Queryable, stack: string, key: ApprovalKey): Promise<ApprovedOrder | undefined> {
  const { rows } =
    'decisionId' in key
      ? await on.query<Row>(BY_DECISION, [stack, key.decisionId])
      : await on.query<Row>(BY_ORDER, [stack, key.clientOrderId]);
  if (rows[0] === undefined) return undefined;
  const approval = readApproval(rows[0].decision_id, rows[0].approved_order);
  return isMalformed(approval) ? undefined : approval;
}
