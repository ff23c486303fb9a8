import { z } from 'zod';
import { count, positiveDecimal, side, symbol, timeMs } from '../field.ts';

/** `md.trades.<symbol>`: one public trade. The venue gives no id; `producer` and `seq` number what one run of ws published, gaps show losses. */
export const tradeMessage = z.strictObject({
  producer: z.string().min(1).max(80),
  seq: count,
  symbol,
  price: positiveDecimal,
  quantity: positiveDecimal,
  takerSide: side,
  /** The venue's time and our own at receipt. */
  time: timeMs,
  receivedAt: timeMs,
});
export type TradeMessage = z.output<typeof tradeMessage>;
export type TradePayload = z.input<typeof tradeMessage>;
