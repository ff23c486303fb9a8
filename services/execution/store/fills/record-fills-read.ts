import type { Queryable } from '../../../shared/postgres/pool.ts';
import type { Fence } from '../../core/role.ts';
import type { FillsReadTo } from '../../ports.ts';
import { DATABASE } from './fills-read.ts';

/**
 * The fence is not locked: what a sender has booked before it lost the fence is booked. The database must be the one in
 * which it was booked: a replica that was promoted meanwhile may lack the last of it. $1 stack, $2 epoch, $3 holder, $4
 * symbol, $5 read to, $6 database.
 */
const RECORD_FILLS_READ = `
WITH held AS (
  SELECT FROM trading.execution_fence WHERE stack = $1 AND epoch = $2 AND holder = $3 AND ${DATABASE} = $6
), moved AS (
  INSERT INTO trading.fills_read AS f (stack, symbol, read_to) SELECT $1, $4, $5::timestamptz FROM held
  ON CONFLICT (stack, symbol) DO UPDATE SET read_to = excluded.read_to WHERE f.read_to < excluded.read_to
)
SELECT EXISTS (SELECT FROM held) AS held`;

export async function recordFillsRead(
  on: Queryable,
  stack: string,
  { epoch, holder }: Fence,
  { symbol, toMs, database }: FillsReadTo,
): Promise<boolean> {
  const values = [stack, epoch, holder, symbol, new Date(toMs), database];
  const { rows } = await on.query<{ readonly held: boolean }>(RECORD_FILLS_READ, values);
  return rows[0]?.held === true;
}
