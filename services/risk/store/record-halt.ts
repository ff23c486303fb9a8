import type { Queryable } from '../../shared/postgres/pool.ts';
import type { HaltRow } from '../ports.ts';

/**
 * Appends a row only if the source's newest row differs. A source without a row counts as not halted.
 * $1 stack, $2 source, $3 active, $4 reason.
 */
const RECORD_HALT = `
INSERT INTO trading.halts (stack, source, active, reason)
SELECT $1, $2, $3, $4
WHERE $3 IS DISTINCT FROM coalesce(
  (SELECT active FROM trading.halts WHERE stack = $1 AND source = $2 ORDER BY id DESC LIMIT 1), false)
`;

/** Returns whether a row was written. */
export async function recordHalt(on: Queryable, { stack, source, active, reason }: HaltRow): Promise<boolean> {
  const { rowCount } = await on.query(RECORD_HALT, [stack, source, active, reason]);
  return rowCount === 1;
}
