import type { Queryable } from '../../../shared/postgres/pool.ts';

/** $1 stack, $2 symbol. */
const FILL_WATERMARK = `SELECT max(traded_at) AS newest FROM trading.trades WHERE stack = $1 AND symbol = $2`;

/** Returns the time of the newest recorded fill, UTC milliseconds; undefined before the first. */
export async function fillWatermark(on: Queryable, stack: string, symbol: string): Promise<number | undefined> {
  const { rows } = await on.query<{ readonly newest: Date | null }>(FILL_WATERMARK, [stack, symbol]);
  return rows[0]?.newest?.getTime();
}
