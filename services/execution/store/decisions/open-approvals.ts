import type { Queryable } from '../../../shared/postgres/pool.ts';
import type { OpenApprovals } from '../../ports.ts';
import { isMalformed, readApproval } from './read-approval.ts';

/** Longer than the clock skew between risk and Postgres, and than an approval takes to arrive. */
const RECENT = `interval '10 minutes'`;

/**
 * At most 100 rows; the next read returns the rest. Recent approvals and old ones apart, so that no number of old ones
 * that cannot be ended holds up a new one. $1 stack, $2 decision IDs to leave out.
 */
function waitingWhere(age: string): string {
  return `
SELECT decision_id, approved_order FROM risk.open_approvals
WHERE stack = $1 AND decision_id <> ALL($2) AND ${age}
ORDER BY (approved_order->>'side') IS DISTINCT FROM 'sell', decided_at, decision_id LIMIT 100`;
}

const OLD_WAITING = waitingWhere(`decided_at < now() - ${RECENT}`);
const RECENT_WAITING = waitingWhere(`decided_at >= now() - ${RECENT}`);

interface WaitingRow {
  readonly decision_id: string;
  readonly approved_order: unknown;
}

/** Returns approvals without an order, including those past their deadline, because each must end. */
export async function openApprovals(on: Queryable, stack: string, except: readonly string[]): Promise<OpenApprovals> {
  const { rows: old } = await on.query<WaitingRow>(OLD_WAITING, [stack, except]);
  const { rows: recent } = await on.query<WaitingRow>(RECENT_WAITING, [stack, except]);
  const approvals = [...old, ...recent].map((row) => readApproval(row.decision_id, row.approved_order));
  return {
    orders: approvals.flatMap((approval) => (isMalformed(approval) ? [] : [approval])),
    malformed: approvals.filter(isMalformed),
  };
}
