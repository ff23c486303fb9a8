import { z } from 'zod';
import { approvedOrderMessage, type ApprovedOrderPayload } from '../../shared/contracts/messages/approved-order.ts';
import type { Queryable } from '../../shared/postgres/pool.ts';

/** $1 stack, $2 decision id. */
const FIND_DECISION = `SELECT approved_order FROM risk.decisions WHERE stack = $1 AND decision_id = $2`;

const decisionRow = z.object({ approved_order: z.unknown() });

/** The stored decision of a signal: its order, or undefined where it was refused; `undefined` as a whole before it was decided. */
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

/** What was stored is what was published: parsing proves it is still an order. */
function payloadOf(order: unknown): ApprovedOrderPayload {
  approvedOrderMessage.parse(order);
  return order as ApprovedOrderPayload;
}
