import { formatDecimal } from '../../../shared/domain/decimal.ts';
import type { Fill } from '../../../shared/domain/orders/fill.ts';
import type { Queryable } from '../../../shared/postgres/pool.ts';

const INSERT_TRADE = `
INSERT INTO trading.trades (stack, venue_trade_id, venue_order_id, client_order_id, symbol, side, price, quantity, fee, fee_asset, maker, traded_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
ON CONFLICT (stack, symbol, venue_trade_id) DO NOTHING`;

/** Returns false when this trade of the venue is already recorded. */
export async function insertTrade(on: Queryable, stack: string, clientOrderId: string, fill: Fill): Promise<boolean> {
  const { rowCount } = await on.query(INSERT_TRADE, [
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
  return rowCount === 1;
}
