import { z } from 'zod';
import type { RecentTrades, VenueTrade } from '../../market-data-venue.ts';
import { VenueReplyError } from '../../venue-reply-error.ts';
import { positive } from './positive.ts';

const tradesReply = z.array(
  z.object({ price: positive, qty: positive, time: z.int().positive(), isBuyerMaker: z.boolean() }),
);

/**
 * Parses the reply of `GET /api/v3/trades`, newest first at the venue. Its trades have no ID. The taker sold when the
 * buyer was the maker. Throws VenueReplyError.
 */
export function parseRecentTrades(body: unknown, limit: number): RecentTrades {
  const reply = tradesReply.safeParse(body);
  if (!reply.success) throw new VenueReplyError('BadReply', `trades: ${z.prettifyError(reply.error)}`);
  const trades = reply.data.map(({ price, qty, time, isBuyerMaker }): VenueTrade => {
    return { price, quantity: qty, takerSide: isBuyerMaker ? 'sell' : 'buy', time };
  });
  return { trades: trades.toReversed().sort((a, b) => a.time - b.time), isFull: trades.length >= limit };
}
