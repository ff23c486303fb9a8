import { z } from 'zod';
import type { Queryable } from '../../../shared/postgres/pool.ts';
import type { OutboxRow } from '../../ports.ts';

/** $1 stack, $2 limit. */
const LOAD_UNPUBLISHED = `
SELECT id, stream, payload, (extract(epoch FROM created_at) * 1000)::float8 AS "createdMs"
FROM trading.outbox WHERE stack = $1 AND published_at IS NULL AND placed ORDER BY id LIMIT $2`;

const outboxRow = z.object({
  id: z.string().regex(/^\d+$/),
  stream: z.string(),
  payload: z.unknown(),
  createdMs: z.number(),
});

/** Returns the first unpublished messages in the order in which they must be published. */
export async function loadUnpublished(on: Queryable, stack: string, limit: number): Promise<readonly OutboxRow[]> {
  const { rows } = await on.query(LOAD_UNPUBLISHED, [stack, limit]);
  return rows.map((row) => outboxRow.parse(row));
}
