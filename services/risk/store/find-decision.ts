import { z } from 'zod';
import { approvedOrderMessage, type ApprovedOrderPayload } from '../../shared/contracts/messages/approved-order.ts';
import type { Queryable } from '../../shared/postgres/pool.ts';

/** $1 stack, $2 decision ID. */
const FIND_DECISION = `SELECT approved_order FROM risk.decisions WHERE stack = $1 AND decision_id = $2`;

const decisionRow = z.object({ approved_order: z.unknown() });

/**
 * Returns the stored decision of a signal: `order` is undefined when it was refused. Undefined before it is decided.
 */
export async function findDecision(
  on: Queryable,
  stack: string,
  decisionId: string,
): Promise<{ readonly order: ApprovedOrderPayload | undefined } | undefined> {
  const { rows } = await on.query(FIND_DECISION, [stack, decisionId]);
  if (rows.length === 0) return undefined;
  const { approved_order: order } = decisionRow.parse(rows[0]);
  return { order: order === null ? undefined : payloadOf(order) };
}

/** Returns the stored order unchanged, as it was published. Throws when it is not a valid order. */
function payloadOf(order: unknown): ApprovedOrderPayload {
  approvedOrderMessage.parse(order);
  return order as ApprovedOrderPayload;
}
