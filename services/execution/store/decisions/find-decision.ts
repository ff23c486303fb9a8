import type { Queryable } from '../../../shared/postgres/pool.ts';
import type { OrderDecision } from '../../core/order-record.ts';
import { isMalformed, readApproval } from './read-approval.ts';

/** $1 stack, $2 client order ID. */
const FIND_DECISION = `
SELECT decision_id, strategy, deadline, coalesce(approved_order->>'riskHash', '') AS risk_hash, approved_order
FROM risk.decisions WHERE stack = $1 AND client_order_id = $2 AND approved`;

interface Row {
  readonly decision_id: string;
  readonly strategy: string;
  readonly deadline: Date;
  readonly risk_hash: string;
  readonly approved_order: unknown;
}

/**
 * Returns the decision that a client order ID was derived from. An approval that this release cannot parse, because
 * another release wrote it, still names strategy and deadline.
 */
export async function findDecision(
  on: Queryable,
  stack: string,
  clientOrderId: string,
): Promise<OrderDecision | undefined> {
  const { rows } = await on.query<Row>(FIND_DECISION, [stack, clientOrderId]);
  const [row] = rows;
  if (row === undefined) return undefined;
  const approval = readApproval(row.decision_id, row.approved_order);
  return {
    decisionId: row.decision_id,
    strategy: row.strategy,
    deadlineMs: row.deadline.getTime(),
    riskHash: row.risk_hash,
    approval: isMalformed(approval) ? undefined : approval,
  };
}
