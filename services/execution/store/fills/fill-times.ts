import type { Queryable } from '../../../shared/postgres/pool.ts';
import type { FillTimesQuery } from '../../ports.ts';

/** $1 stack, $2 symbol, $3 UTC milliseconds, $4 which fills, $5 how many are counted. */
const FILL_TIMES = `
SELECT counted.traded_at AS "tradedAt" FROM (
  SELECT traded_at, row_number() OVER (ORDER BY traded_at) AS number FROM trading.trades
  WHERE stack = $1 AND symbol = $2 AND traded_at >= to_timestamp($3::float8 / 1000)
  ORDER BY traded_at LIMIT $5) AS counted
WHERE counted.number % $4 = 0 ORDER BY counted.traded_at`;

export async function fillTimes(
  on: Queryable,
  stack: string,
  symbol: string,
  { fromMs, every, count }: FillTimesQuery,
): Promise<readonly number[]> {
  const values = [stack, symbol, fromMs, every, every * count];
  const { rows } = await on.query<{ readonly tradedAt: Date }>(FILL_TIMES, values);
  return rows.map(({ tradedAt }) => tradedAt.getTime());
}
