import type { Queryable } from '../../../shared/postgres/pool.ts';

/**
 * Ids are entry ids of streams, so they must become visible in their own order: writers take turns from before the id is drawn until the commit.
 * $1 stack.
 */
const LOCK_OUTBOX = `SELECT pg_advisory_xact_lock(hashtextextended('outbox:' || $1, 0))`;

/** To be called first in every transaction that writes to the outbox. */
export async function lockOutbox(on: Queryable, stack: string): Promise<void> {
  await on.query(LOCK_OUTBOX, [stack]);
}
