import type { Queryable } from '../../shared/postgres/pool.ts';

/**
 * During a rollout two processes of risk run at the same time. Without this lock, each could approve orders against
 * limits that the other is using up. Held until the transaction ends. $1 stack.
 */
const LOCK_STACK = `SELECT pg_advisory_xact_lock(hashtextextended('risk:' || $1, 0))`;

export async function lockStack(on: Queryable, stack: string): Promise<void> {
  await on.query(LOCK_STACK, [stack]);
}
