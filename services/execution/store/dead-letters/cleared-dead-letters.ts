import { z } from 'zod';
import type { DeadLetterKind } from '../../core/dead-letter.ts';
import type { Queryable } from '../../../shared/postgres/pool.ts';

/** $1 stack, $2 kind, $3 IDs. */
const CLEARED_DEAD_LETTERS = `
SELECT id FROM trading.dead_letters
WHERE stack = $1 AND kind = $2 AND id = ANY ($3::text[]) AND cleared_at IS NOT NULL
  AND processed_at IS DISTINCT FROM cleared_at`;

const idRow = z.object({ id: z.string() });

/** Returns those of the IDs whose letters a person has cleared. */
export async function clearedDeadLetters(
  on: Queryable,
  stack: string,
  { kind, ids }: { readonly kind: DeadLetterKind; readonly ids: readonly string[] },
): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const { rows } = await on.query(CLEARED_DEAD_LETTERS, [stack, kind, ids]);
  return new Set(
    z
      .array(idRow)
      .parse(rows)
      .map(({ id }) => id),
  );
}
