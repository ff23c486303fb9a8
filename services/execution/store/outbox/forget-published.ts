import type { Queryable } from '../../../shared/postgres/pool.ts';

/** $1 stack, $2 before. */
const FORGET_PUBLISHED = `DELETE FROM trading.outbox WHERE stack = $1 AND published_at < $2`;

/** Deletes messages that were published before `beforeMs`, UTC milliseconds. */
export async function forgetPublished(on: Queryable, stack: string, beforeMs: number): Promise<void> {
  await on.query(FORGET_PUBLISHED, [stack, new Date(beforeMs)]);
}
