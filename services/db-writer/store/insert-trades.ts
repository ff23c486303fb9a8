import type { TradeMessage } from '../../shared/contracts/messages/trade.ts';
import { formatDecimal } from '../../shared/domain/decimal.ts';
import type { Queryable } from '../../shared/postgres/pool.ts';

/** Trades that are there already stay as they are. One array a column. */
const INSERT_TRADES = `
INSERT INTO market_data.trades (symbol, producer, seq, price, quantity, taker_side, traded_at, received_at)
SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::numeric[], $5::numeric[], $6::text[], $7::timestamptz[], $8::timestamptz[])
ON CONFLICT DO NOTHING
`;

/** How many of them were new. */
export async function insertTrades(on: Queryable, trades: readonly TradeMessage[]): Promise<number> {
  if (trades.length === 0) return 0;
  const { rowCount } = await on.query(INSERT_TRADES, [
    trades.map(({ symbol }) => symbol),
    trades.map(({ producer }) => producer),
    trades.map(({ seq }) => seq),
    trades.map(({ price }) => formatDecimal(price)),
    trades.map(({ quantity }) => formatDecimal(quantity)),
    trades.map(({ takerSide }) => takerSide),
    trades.map(({ time }) => new Date(time)),
    trades.map(({ receivedAt }) => new Date(receivedAt)),
  ]);
  return rowCount ?? 0;
}
