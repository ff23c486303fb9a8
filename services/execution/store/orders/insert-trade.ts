import { formatDecimal } from '../../../shared/domain/decimal.ts';
import type { Fill } from '../../../shared/domain/orders/fill.ts';
import type { Queryable } from '../../../shared/postgres/pool.ts';

/**
 * The other of two orders under one trade ID has its row in `shared_trades`, which every read of `trades` includes. $1
 * stack, $2 trade ID, $3 venue order ID, $4 client order ID, $5 symbol, $6 side, $7 price, $8 quantity, $9 fee, $10 fee
 * asset, $11 maker, $12 traded at.
 */
const INSERT_TRADE = `
WITH fill AS (
  SELECT $1::text AS stack, $2::text AS venue_trade_id, $3::text AS venue_order_id, $4::text AS client_order_id, $5::text AS symbol, $6::text AS side,
    $7::numeric AS price, $8::numeric AS quantity, $9::numeric AS fee, $10::text AS fee_asset, $11::boolean AS maker, $12::timestamptz AS traded_at
), first AS (
  INSERT INTO trading.trades (stack, venue_trade_id, venue_order_id, client_order_id, symbol, side, price, quantity, fee, fee_asset, maker, traded_at)
  SELECT * FROM fill ON CONFLICT (stack, symbol, venue_trade_id) DO NOTHING RETURNING 1
), shared AS (
  INSERT INTO trading.shared_trades (stack, venue_trade_id, venue_order_id, client_order_id, symbol, side, price, quantity, fee, fee_asset, maker, traded_at)
  SELECT * FROM fill WHERE NOT EXISTS (SELECT FROM first) AND NOT EXISTS (
    SELECT FROM trading.trades t WHERE t.stack = $1 AND t.symbol = $5 AND t.venue_trade_id = $2 AND t.client_order_id = $4)
  ON CONFLICT DO NOTHING RETURNING 1
)
SELECT EXISTS (SELECT FROM first UNION ALL SELECT FROM shared) AS inserted`;

/** Returns false when this execution of the order is already recorded. */
export async function insertTrade(on: Queryable, stack: string, clientOrderId: string, fill: Fill): Promise<boolean> {
  const { rows } = await on.query<{ readonly inserted: boolean }>(INSERT_TRADE, [
    stack,
    fill.venueTradeId,
    fill.venueOrderId,
    clientOrderId,
    fill.symbol,
    fill.side,
    formatDecimal(fill.price),
    formatDecimal(fill.quantity),
    formatDecimal(fill.fee),
    fill.feeAsset,
    fill.maker,
    new Date(fill.time),
  ]);
  return rows[0]?.inserted === true;
}
