import type { Queryable } from '../../../shared/postgres/pool.ts';

/** $1 stack, $2 symbol, $3 trade IDs. */
const RECORDED_TRADES = `
SELECT venue_trade_id FROM trading.trades WHERE stack = $1 AND symbol = $2 AND venue_trade_id = ANY($3)`;

/** Returns those of the trade IDs that are recorded. */
export async function recordedTrades(
  on: Queryable,
  stack: string,
  symbol: string,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await on.query<{ readonly venue_trade_id: string }>(RECORDED_TRADES, [stack, symbol, ids]);
  return new Set(rows.map((row) => row.venue_trade_id));
}
