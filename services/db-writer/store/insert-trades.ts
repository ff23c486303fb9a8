import type { TradeMessage } from '../../shared/contracts/messages/trade.ts';
import { formatDecimal } from '../../shared/domain/decimal.ts';
import type { Queryable } from '../../shared/postgres/pool.ts';

/**
 * Existing trades stay unchanged. In the order of the key, so that two replicas that insert the same ones do not
 * deadlock. $1 stack; one array per column.
 */
const INSERT_TRADES = `
INSERT INTO market_data.trades (stack, symbol, producer, seq, price, quantity, taker_side, traded_at, received_at)
SELECT $1, * FROM unnest($2::text[], $3::text[], $4::bigint[], $5::numeric[], $6::numeric[], $7::text[], $8::timestamptz[], $9::timestamptz[])
ORDER BY 2, 3, 4
ON CONFLICT DO NOTHING
`;

/** Inserts the trades and returns how many were new. */
export async function insertTrades(on: Queryable, stack: string, trades: readonly TradeMessage[]): Promise<number> {
  if (trades.length === 0) return 0;
  const { rowCount } = await on.query(INSERT_TRADES, [
    stack,
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
