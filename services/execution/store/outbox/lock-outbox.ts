import type { Queryable } from '../../../shared/postgres/pool.ts';

/**
 * Row IDs become stream entry IDs, so they must become visible in ascending order: writers are serialized from before
 * the ID is drawn until the commit. $1 stack.
 */
const LOCK_OUTBOX = `SELECT pg_advisory_xact_lock(hashtextextended('outbox:' || $1, 0))`;

/** Must be called first in every transaction that writes to the outbox. */
export async function lockOutbox(on: Queryable, stack: string): Promise<void> {
  await on.query(LOCK_OUTBOX, [stack]);
}
