import type { DeadLetter } from '../../core/dead-letter.ts';
import type { Queryable } from '../../../shared/postgres/pool.ts';

/** $1 stack, $2 kind, $3 ID, $4 symbol, $5 payload, $6 problem. */
const KEEP_DEAD_LETTER = `
INSERT INTO trading.dead_letters (stack, kind, id, symbol, payload, problem) VALUES ($1, $2, $3, $4, $5::jsonb, $6)
ON CONFLICT (stack, kind, id) DO UPDATE SET payload = excluded.payload, problem = excluded.problem, cleared_at = NULL,
  seen_at = CASE WHEN trading.dead_letters.cleared_at IS NULL THEN trading.dead_letters.seen_at ELSE excluded.seen_at END`;

/** A NUL character is valid in JSON and in no text of Postgres. */
const NUL = /\\u0000|\0/g;

export async function keepDeadLetter(on: Queryable, stack: string, letter: DeadLetter): Promise<void> {
  const { kind, id, symbol, payload, problem } = letter;
  const texts = [id, symbol, payload, problem].map((text) => text.replace(NUL, '?'));
  await on.query(KEEP_DEAD_LETTER, [stack, kind, ...texts]);
}
