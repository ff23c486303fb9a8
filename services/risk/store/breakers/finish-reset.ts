import type { Queryable } from '../../../shared/postgres/pool.ts';

/** $1 stack, $2 ID. */
const FINISH_RESET = `
UPDATE risk.breaker_resets SET handled_at = clock_timestamp() WHERE stack = $1 AND id = $2::bigint AND handled_at IS NULL
`;

export async function finishReset(on: Queryable, stack: string, id: string): Promise<void> {
  await on.query(FINISH_RESET, [stack, id]);
}
