import { z } from 'zod';
import { approvedOrderMessage, type ApprovedOrderMessage } from '../../../shared/contracts/messages/approved-order.ts';
import { approve } from '../../../shared/domain/orders/approved.ts';
import type { Queryable } from '../../../shared/postgres/pool.ts';
import type { ApprovedOrder } from '../../core/order-record.ts';
import type { MalformedApproval, OpenApprovals } from '../../ports.ts';

/** Longer than the clock skew between risk and Postgres, and than an approval takes to arrive. */
const RECENT = `interval '10 minutes'`;
/**
 * Number of reads of recent approvals between two reads of all: the cost of the latter grows with every approval ever
 * made.
 */
const RECENT_READS = 600;

/** Returns at most 100 rows; the next pass reads the rest. $1 stack, $2 decision IDs to leave out. */
function statement(source: string, condition: string): string {
  return `
SELECT d.decision_id, d.approved_order, d.decided_at < now() - ${RECENT} AS old FROM ${source} d
WHERE d.stack = $1 AND d.decision_id <> ALL($2) AND ${condition}
ORDER BY d.decided_at LIMIT 100`;
}

const ALL_WAITING = statement('risk.open_approvals', 'true');
/**
 * The same condition as the view, written so that Postgres looks up the order of each of the few recent approvals: for
 * the view's NOT EXISTS, the planner may read every order.
 */
const RECENT_WAITING = statement(
  'risk.decisions',
  `d.approved AND d.decided_at >= now() - ${RECENT}
  AND (SELECT true FROM trading.orders o WHERE o.stack = d.stack AND o.decision_id = d.decision_id) IS NULL`,
);

/**
 * Returns a function that reads approvals without an order, oldest first, including those past their deadline, because
 * each must end. It reads all approvals until only recent ones are left, then only recent ones, and all again after 600
 * reads.
 */
export function createOpenApprovals(
  on: Queryable,
  stack: string,
): (except: readonly string[]) => Promise<OpenApprovals> {
  let recentReadsLeft = 0;
  return async (except) => {
    const readAll = recentReadsLeft === 0;
    const { rows } = await on.query<WaitingRow>(readAll ? ALL_WAITING : RECENT_WAITING, [stack, except]);
    if (readAll) recentReadsLeft = rows.some(({ old }) => old) ? 0 : RECENT_READS;
    else recentReadsLeft -= 1;
    const approvals = rows.map((row) => readApproval(row.decision_id, row.approved_order));
    return {
      orders: approvals.flatMap((approval) => (isMalformed(approval) ? [] : [approval])),
      malformed: approvals.filter(isMalformed),
    };
  };
}

interface WaitingRow {
  readonly decision_id: string;
  readonly approved_order: unknown;
  readonly old: boolean;
}

/** Parses a message of risk. It counts as approved because only risk may write to the table that it comes from. */
export function readApproval(decisionId: string, json: unknown): ApprovedOrder | MalformedApproval {
  const { data, error } = approvedOrderMessage.safeParse(json);
  return data === undefined
    ? { decisionId, problem: z.prettifyError(error), payload: json }
    : approve<ApprovedOrderMessage>(data);
}

export function isMalformed(approval: ApprovedOrder | MalformedApproval): approval is MalformedApproval {
  return 'problem' in approval;
}
