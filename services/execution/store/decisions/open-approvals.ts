import { z } from 'zod';
import { approvedOrderMessage, type ApprovedOrderMessage } from '../../../shared/contracts/messages/approved-order.ts';
import { approve } from '../../../shared/domain/approved.ts';
import type { Queryable } from '../../../shared/postgres/pool.ts';
import type { ApprovedOrder } from '../../core/order-record.ts';
import type { MalformedApproval, OpenApprovals } from '../../ports.ts';

/** Longer than the clocks of risk and Postgres are apart, and than an approval is under way. */
const RECENT = `interval '10 minutes'`;
/** A look at everything costs more with every approval ever made: in between, only recent ones are looked at. */
const RECENT_LOOKS = 600;

/** At most 100; the next pass reads the rest. $1 stack, $2 decision ids to leave out. */
function statement(source: string, condition: string): string {
  return `
SELECT d.decision_id, d.approved_order, d.decided_at < now() - ${RECENT} AS old FROM ${source} d
WHERE d.stack = $1 AND d.decision_id <> ALL($2) AND ${condition}
ORDER BY d.decided_at LIMIT 100`;
}

const ALL_WAITING = statement('risk.open_approvals', 'true');
/**
 * The same as the view, written so that the few recent approvals are looked up one by one: for the view's NOT EXISTS
 * the planner may read every order.
 */
const RECENT_WAITING = statement(
  'risk.decisions',
  `d.approved AND d.decided_at >= now() - ${RECENT}
  AND (SELECT true FROM trading.orders o WHERE o.stack = d.stack AND o.decision_id = d.decision_id) IS NULL`,
);

/**
 * Tells approvals that have no order, oldest first, also those past their deadline: each has to come to an end. Looks at all there ever were until
 * none but recent ones are left, and then again after a while.
 */
export function createOpenApprovals(
  on: Queryable,
  stack: string,
): (except: readonly string[]) => Promise<OpenApprovals> {
  let recentLooks = 0;
  return async (except) => {
    const everything = recentLooks === 0;
    const { rows } = await on.query<WaitingRow>(everything ? ALL_WAITING : RECENT_WAITING, [stack, except]);
    if (everything) recentLooks = rows.some(({ old }) => old) ? 0 : RECENT_LOOKS;
    else recentLooks -= 1;
    const read = rows.map((row) => readApproval(row.decision_id, row.approved_order));
    return {
      orders: read.flatMap((approval) => (isMalformed(approval) ? [] : [approval])),
      malformed: read.filter(isMalformed),
    };
  };
}

interface WaitingRow {
  readonly decision_id: string;
  readonly approved_order: unknown;
  readonly old: boolean;
}

/** A message of risk is an approval: nobody else may write to where it comes from. */
export function readApproval(decisionId: string, json: unknown): ApprovedOrder | MalformedApproval {
  const { data, error } = approvedOrderMessage.safeParse(json);
  return data === undefined ? { decisionId, problem: z.prettifyError(error) } : approve<ApprovedOrderMessage>(data);
}

export function isMalformed(approval: ApprovedOrder | MalformedApproval): approval is MalformedApproval {
  return 'problem' in approval;
}
