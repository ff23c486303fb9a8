import type { Queryable } from '../../../shared/postgres/pool.ts';

/** $1 stack, $2 IDs. */
const MARK_PUBLISHED = `UPDATE trading.outbox SET published_at = clock_timestamp() WHERE stack = $1 AND id = ANY($2::bigint[])`;

export async function markPublished(on: Queryable, stack: string, ids: readonly string[]): Promise<void> {
  await on.query(MARK_PUBLISHED, [stack, ids]);
}
