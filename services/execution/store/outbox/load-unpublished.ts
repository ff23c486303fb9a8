import { z } from 'zod';
import type { Queryable } from '../../../shared/postgres/pool.ts';
import type { Fence } from '../../core/role.ts';
import type { OutboxRow } from '../../ports.ts';

/**
 * A process that has lost the fence may not know it yet. This statement does: its snapshot has the fence with the
 * messages, so that it returns none of those that were written under a newer one. $1 stack, $2 limit, $3 epoch,
 * $4 holder.
 */
const LOAD_UNPUBLISHED = `
SELECT id, stream, payload, (extract(epoch FROM created_at) * 1000)::float8 AS "createdMs"
FROM trading.outbox WHERE stack = $1 AND published_at IS NULL AND placed
  AND EXISTS (SELECT FROM trading.execution_fence WHERE stack = $1 AND epoch = $3 AND holder = $4)
ORDER BY id LIMIT $2`;

export interface LoadTerms {
  /** The fence that the caller was granted. */
  readonly held: Fence;
  readonly limit: number;
}

const outboxRow = z.object({
  id: z.string().regex(/^\d+$/),
  stream: z.string(),
  payload: z.unknown(),
  createdMs: z.number(),
});

/**
 * Returns the first unpublished messages in the order in which they must be published; none when `held` is not the
 * fence.
 */
export async function loadUnpublished(
  on: Queryable,
  stack: string,
  { held, limit }: LoadTerms,
): Promise<readonly OutboxRow[]> {
  const { rows } = await on.query(LOAD_UNPUBLISHED, [stack, limit, held.epoch, held.holder]);
  return rows.map((row) => outboxRow.parse(row));
}
