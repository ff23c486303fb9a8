import { z } from 'zod';
import type { Queryable } from '../../shared/postgres/pool.ts';

/** $1 stack, $2 limit. */
const LOAD_UNPUBLISHED = `
SELECT id, stream, payload FROM trading.outbox WHERE stack = $1 AND published_at IS NULL ORDER BY id LIMIT $2`;

const outboxRow = z.object({ id: z.string().regex(/^\d+$/), stream: z.string(), payload: z.unknown() });
/** A message that was committed and is to be published; ids become visible in their order. */
export type OutboxRow = z.output<typeof outboxRow>;

/** The oldest messages that are not published, oldest first. */
export async function loadUnpublished(on: Queryable, stack: string, limit: number): Promise<readonly OutboxRow[]> {
  const { rows } = await on.query(LOAD_UNPUBLISHED, [stack, limit]);
  return rows.map((row) => outboxRow.parse(row));
}
