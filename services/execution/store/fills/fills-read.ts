import { z } from 'zod';
import type { Queryable } from '../../../shared/postgres/pool.ts';
import type { FillsRead } from '../../ports.ts';
import { TIMELINE } from '../fence/record-identity.ts';

/** Identifies the database of the record as long as it loses no commit: another one, or a promoted replica, differs. */
export const DATABASE = `(SELECT system_identifier::text || ' ' || ${TIMELINE} FROM pg_control_system())`;

/** $1 stack, $2 symbol. */
const FILLS_READ = `
SELECT ${DATABASE} AS database, (SELECT read_to FROM trading.fills_read WHERE stack = $1 AND symbol = $2) AS "readTo"`;

const fillsReadRow = z.object({ database: z.string(), readTo: z.date().nullable() });

export async function fillsRead(on: Queryable, stack: string, symbol: string): Promise<FillsRead> {
  const { rows } = await on.query(FILLS_READ, [stack, symbol]);
  const { database, readTo } = fillsReadRow.parse(rows[0]);
  return { database, toMs: readTo?.getTime() };
}
