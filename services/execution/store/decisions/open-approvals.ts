import { z } from 'zod';
import type { Queryable } from '../../../shared/postgres/pool.ts';
import type { OpenApprovals } from '../../ports.ts';
import { isMalformed, readApproval } from './read-approval.ts';

/** Longer than the clock skew between risk and Postgres, and than an approval takes to arrive. */
const RECENT = `interval '10 minutes'`;
/** Approvals that one read of the history looks at. */
const CHUNK = 1_000;
/** Number of reads between two walks through the history, and after a part of it could not be read. */
const READS_BETWEEN_WALKS = 3_600;
const READS_AFTER_FAILURE = 10;

/**
 * The condition of the view risk.open_approvals, written so that Postgres looks up the order of each approval: for the
 * view's NOT EXISTS, the planner may read every order.
 */
const WITHOUT_ORDER = `(SELECT true FROM trading.orders o WHERE o.stack = d.stack AND o.decision_id = d.decision_id) IS NULL`;

/**
 * At most 100 rows, exits first; the next read returns the rest. $1 stack, $2 decision IDs to leave out.
 */
const RECENT_WAITING = `
SELECT d.decision_id, d.approved_order FROM risk.decisions d
WHERE d.stack = $1 AND d.approved AND d.decided_at >= now() - ${RECENT} AND d.decision_id <> ALL($2) AND ${WITHOUT_ORDER}
ORDER BY (d.approved_order->>'side') IS DISTINCT FROM 'sell', d.decided_at, d.decision_id LIMIT 100`;

/**
 * The next part of the history, from newer to older. $1 stack, $2 decision IDs to leave out, $3 and $4 decision time
 * and ID of the last approval that the previous part looked at; null at the beginning.
 */
const OLD_WAITING = `
WITH chunk AS (
  SELECT d.stack, d.decision_id, d.approved_order, d.decided_at FROM risk.decisions d
  WHERE d.stack = $1 AND d.approved AND d.decided_at < now() - ${RECENT}
    AND d.decided_at <= coalesce($3::timestamptz, 'infinity') AND (d.decided_at, d.decision_id) < (coalesce($3::timestamptz, 'infinity'), $4::text)
  ORDER BY d.decided_at DESC, d.decision_id DESC LIMIT ${CHUNK}
), last AS (
  SELECT decided_at::text AS at, decision_id AS id FROM chunk ORDER BY chunk.decided_at, decision_id LIMIT 1
)
SELECT (SELECT at FROM last) AS last_at, (SELECT id FROM last) AS last_id,
  (SELECT coalesce(json_agg(w), '[]') FROM (
     SELECT d.decision_id, d.approved_order FROM chunk d WHERE d.decision_id <> ALL($2) AND ${WITHOUT_ORDER}
     ORDER BY d.decided_at, d.decision_id LIMIT 100) w) AS waiting`;

const waitingRow = z.object({ decision_id: z.string(), approved_order: z.unknown() });
const oldRow = z.object({
  last_at: z.string().nullable(),
  last_id: z.string().nullable(),
  waiting: z.array(waitingRow),
});
type WaitingRow = z.output<typeof waitingRow>;

/** The last approval that was looked at. */
interface Position {
  readonly at: string;
  readonly id: string;
}

/**
 * Returns a function that reads approvals without an order, including those past their deadline, because each must end.
 * Each read returns the recent ones, and looks at one bounded part of the history, from newer to older: its cost does
 * not grow with the history. A part that has such approvals is read again until each has an order. The walk begins
 * again once in a while, for approvals that were left out; and when a part cannot be read, recent ones still are.
 */
export function createOpenApprovals(
  on: Queryable,
  stack: string,
): (except: readonly string[]) => Promise<OpenApprovals> {
  let position: Position | undefined;
  let readsLeft = 0;

  const oldWaiting = async (except: readonly string[]): Promise<readonly WaitingRow[]> => {
    if (readsLeft > 0) {
      readsLeft -= 1;
      return [];
    }
    const { rows } = await on.query(OLD_WAITING, [stack, except, position?.at ?? null, position?.id ?? '']);
    const { last_at: at, last_id: id, waiting } = oldRow.parse(rows[0]);
    if (waiting.length > 0) return waiting;
    position = at === null || id === null ? undefined : { at, id };
    if (position === undefined) readsLeft = READS_BETWEEN_WALKS;
    return waiting;
  };

  return async (except) => {
    const { rows } = await on.query<WaitingRow>(RECENT_WAITING, [stack, except]);
    const old = await oldWaiting(except).catch(() => {
      readsLeft = READS_AFTER_FAILURE;
      return [];
    });
    const approvals = [...old, ...rows].map((row) => readApproval(row.decision_id, row.approved_order));
    return {
      orders: approvals.flatMap((approval) => (isMalformed(approval) ? [] : [approval])),
      malformed: approvals.filter(isMalformed),
    };
  };
}
