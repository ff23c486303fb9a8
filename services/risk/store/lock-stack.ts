import type { Queryable } from '../../shared/postgres/pool.ts';

/**
 * Two processes of risk live side by side while a release rolls out: without this, each could approve against limits that the other is using up.
 * Held until the transaction ends. $1 stack.
 */
const LOCK_STACK = `SELECT pg_advisory_xact_lock(hashtextextended('risk:' || $1, 0))`;

export async function lockStack(on: Queryable, stack: string): Promise<void> {
  await on.query(LOCK_STACK, [stack]);
}
