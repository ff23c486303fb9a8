import type { Queryable } from '../../../shared/postgres/pool.ts';

/** $1 stack. */
const HELD_SYMBOLS = `SELECT DISTINCT symbol FROM trading.positions WHERE stack = $1 AND quantity <> 0`;

export async function heldSymbols(on: Queryable, stack: string): Promise<ReadonlySet<string>> {
  const { rows } = await on.query<{ symbol: string }>(HELD_SYMBOLS, [stack]);
  return new Set(rows.map(({ symbol }) => symbol));
}
