import type { DeadLetter } from '../../core/dead-letter.ts';
import type { Queryable } from '../../../shared/postgres/pool.ts';

/** The two times are equal: those of a person are not. $1 stack, $2 kind, $3 ID. */
const CLEAR_DEAD_LETTER = `
UPDATE trading.dead_letters SET cleared_at = statement_timestamp(), processed_at = statement_timestamp()
WHERE stack = $1 AND kind = $2 AND id = $3 AND cleared_at IS NULL`;

/** Clears the letter of something that was processed, or is over. */
export async function clearDeadLetter(
  on: Queryable,
  stack: string,
  { kind, id }: Pick<DeadLetter, 'kind' | 'id'>,
): Promise<void> {
  await on.query(CLEAR_DEAD_LETTER, [stack, kind, id]);
}
