import { z } from 'zod';
import { count, positivePairs, symbol, timeMs } from '../field.ts';

const levels = positivePairs(50);

/**
 * Message of `md.book.<symbol>`: the best levels of our own order book, best first, conflated to the newest. Levels are
 * [price, quantity]. A book that does not change is repeated with the same `version` and `time`, and a newer
 * `receivedAt`, each time that the venue confirms it.
 */
export const bookMessage = z.object({
  producer: z.string().min(1).max(80),
  seq: count,
  symbol,
  /** Version of the order book at the venue. */
  version: z.string().regex(/^\d{1,20}$/),
  bids: levels,
  asks: levels,
  /** The venue's time of the last change. */
  time: timeMs,
  /**
   * Our time at which the book was last known to be the venue's: when its last change was received, or when a request
   * was sent whose answer has the same version. The age of the book counts from here.
   */
  receivedAt: timeMs,
});
export type BookMessage = z.output<typeof bookMessage>;
export type BookPayload = z.input<typeof bookMessage>;
