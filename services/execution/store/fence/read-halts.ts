import { z } from 'zod';
import type { Queryable } from '../../../shared/postgres/pool.ts';

/** $1 stack. */
const READ_HALTS = `
SELECT source FROM (SELECT DISTINCT ON (source) source, active FROM trading.halts WHERE stack = $1 ORDER BY source, id DESC) h
WHERE active ORDER BY source`;

const haltRow = z.object({ source: z.string() });

/** Returns the sources whose latest entry is an active halt. */
export async function readHalts(on: Queryable, stack: string): Promise<readonly string[]> {
  const { rows } = await on.query(READ_HALTS, [stack]);
  return rows.map((row) => haltRow.parse(row).source);
}
