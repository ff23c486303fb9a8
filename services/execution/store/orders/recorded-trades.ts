import { tradeKeyOf } from '../../../shared/domain/orders/fill.ts';
import type { Queryable } from '../../../shared/postgres/pool.ts';

/** $1 stack, $2 symbol, $3 trade IDs. */
const RECORDED_TRADES = `
SELECT venue_trade_id AS "venueTradeId", venue_order_id AS "venueOrderId" FROM trading.trades
WHERE stack = $1 AND symbol = $2 AND venue_trade_id = ANY($3)`;

/** Returns the keys of the recorded executions of these trades. */
export async function recordedTrades(
  on: Queryable,
  stack: string,
  symbol: string,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await on.query<Parameters<typeof tradeKeyOf>[0]>(RECORDED_TRADES, [stack, symbol, ids]);
  return new Set(rows.map(tradeKeyOf));
}
