import { z } from 'zod';
import type { DeadLetter } from '../../core/dead-letter.ts';
import type { Queryable } from '../../../shared/postgres/pool.ts';

/** $1 stack. */
const OPEN_DEAD_LETTERS = `
SELECT kind, id, symbol, payload::text, problem FROM trading.dead_letters WHERE stack = $1 AND cleared_at IS NULL
ORDER BY seen_at, kind, id LIMIT 1000`;

const letterRow = z.object({
  kind: z.enum(['Fill', 'Order', 'Row', 'Approval']),
  id: z.string(),
  symbol: z.string(),
  payload: z.string(),
  problem: z.string(),
});

/** Returns the oldest letters that are not cleared. */
export async function openDeadLetters(on: Queryable, stack: string): Promise<readonly DeadLetter[]> {
  const { rows } = await on.query(OPEN_DEAD_LETTERS, [stack]);
  return z.array(letterRow).parse(rows);
}
