import { z } from 'zod';
import { count, positiveDecimal, side, symbol, timeMs } from '../field.ts';

/**
 * Message of `md.trades.<symbol>`: one public trade. The venue assigns no ID. `producer` and `seq` number the messages
 * that one run of ws published, so that gaps reveal losses. ws leaves a number out where it knows that trades are
 * missing.
 */
export const tradeMessage = z.object({
  producer: z.string().min(1).max(80),
  seq: count,
  symbol,
  price: positiveDecimal,
  quantity: positiveDecimal,
  takerSide: side,
  /** Time at the venue, and our time of receipt: much later for a trade from the venue's list. */
  time: timeMs,
  receivedAt: timeMs,
});
export type TradeMessage = z.output<typeof tradeMessage>;
export type TradePayload = z.input<typeof tradeMessage>;
