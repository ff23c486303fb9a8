import type { Queryable } from '../../../shared/postgres/pool.ts';

/**
 * Notes of orders, transfers and comparisons change positions and balances in an order of their own: one at a time,
 * they cannot deadlock. The relay takes it to place messages. Intents do not: nothing that they wait for may take long.
 * In releases before this one, every writer takes it under the same key: none of their messages is placed between its
 * ID and its commit. $1 stack.
 */
const LOCK_OUTBOX = `SELECT pg_advisory_xact_lock(hashtextextended('outbox:' || $1, 0))`;

/** Must be called first in every transaction that takes it. */
export async function lockOutbox(on: Queryable, stack: string): Promise<void> {
  await on.query(LOCK_OUTBOX, [stack]);
}
