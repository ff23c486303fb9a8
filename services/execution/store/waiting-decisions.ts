import { z } from 'zod';
import { approvedOrderMessage, type ApprovedOrderMessage } from '../../shared/contracts/messages/approved-order.ts';
import { approve } from '../../shared/domain/approved.ts';
import type { Queryable } from '../../shared/postgres/pool.ts';
import type { ApprovedOrder } from '../core/order-record.ts';

/** Bounded: what is left over comes with the next turn. $1 stack, $2 decision ids to leave out. */
const WAITING_DECISIONS = `
SELECT d.decision_id, d.approved_order FROM risk.decisions d
WHERE d.stack = $1 AND d.approved AND d.decision_id <> ALL($2)
  AND NOT EXISTS (SELECT FROM trading.orders o WHERE o.stack = d.stack AND o.decision_id = d.decision_id)
ORDER BY d.decided_at LIMIT 100`;

export interface WaitingDecisions {
  readonly orders: readonly ApprovedOrder[];
  readonly malformed: readonly MalformedApproval[];
}

/** An approval whose order cannot be read: nobody can send it. */
export interface MalformedApproval {
  readonly decisionId: string;
  readonly problem: string;
}

/** Approvals that have no order, oldest first, also those past their deadline: each has to come to an end. */
export async function waitingDecisions(
  on: Queryable,
  stack: string,
  except: readonly string[],
): Promise<WaitingDecisions> {
  const { rows } = await on.query<{ readonly decision_id: string; readonly approved_order: unknown }>(
    WAITING_DECISIONS,
    [stack, except],
  );
  const read = rows.map((row) => readApproval(row.decision_id, row.approved_order));
  return {
    orders: read.flatMap((approval) => (isMalformed(approval) ? [] : [approval])),
    malformed: read.filter(isMalformed),
  };
}

/** A message of risk is an approval: nobody else may write to where it comes from. */
export function readApproval(decisionId: string, json: unknown): ApprovedOrder | MalformedApproval {
  const { data, error } = approvedOrderMessage.safeParse(json);
  return data === undefined ? { decisionId, problem: z.prettifyError(error) } : approve<ApprovedOrderMessage>(data);
}

export function isMalformed(approval: ApprovedOrder | MalformedApproval): approval is MalformedApproval {
  return 'problem' in approval;
}
