import { z } from 'zod';
import type { DepthLevel, DepthSnapshot, MarketDataVenue } from '../../market-data-venue.ts';
import { VenueReplyError } from '../../venue-reply-error.ts';
import { venueSymbolOf } from '../channels.ts';
import { getJson, type GetOptions } from './get-json.ts';
import { parseExchangeInfo } from './instruments.ts';
import { positive } from './positive.ts';
import { parseRecentTrades } from './recent-trades.ts';

/** A version that comes later says nothing of a book that may be two seconds old. */
const VERSION_TIMEOUT_MS = 2_000;
/** Levels per side; the venue returns at most 5000. */
const DEPTH_LIMIT = 1_000;
const VERSION_DEPTH_LIMIT = 5;
/** Trades in a list: as many as the venue returns at most. */
const TRADES_LIMIT = 1_000;

/**
 * MEXC's public REST, as far as market data needs it (API documents "Order Book", "Recent Trades List" and "Exchange
 * Information").
 */
export type MexcPublicRest = Pick<MarketDataVenue, 'depth' | 'bookVersion' | 'trades' | 'listings'>;

export function createMexcPublicRest(restUrl: string): MexcPublicRest {
  const base = restUrl.replace(/\/+$/, '');
  const get = async (path: string, query: Readonly<Record<string, string>>, options: GetOptions): Promise<unknown> =>
    await getJson(`${base}${path}?${new URLSearchParams(query).toString()}`, options);
  const depth = async (symbol: string, limit: number, options: GetOptions): Promise<DepthSnapshot> =>
    parseDepth(await get('/api/v3/depth', { symbol: venueSymbolOf(symbol), limit: String(limit) }, options));
  return {
    depth: async (symbol, signal) => await depth(symbol, DEPTH_LIMIT, { signal }),
    bookVersion: async (symbol, signal) => {
      const { version } = await depth(symbol, VERSION_DEPTH_LIMIT, { signal, timeoutMs: VERSION_TIMEOUT_MS });
      return version;
    },
    trades: async (symbol, signal) => {
      const query = { symbol: venueSymbolOf(symbol), limit: String(TRADES_LIMIT) };
      return parseRecentTrades(await get('/api/v3/trades', query, { signal }), TRADES_LIMIT);
    },
    listings: async (signal) => parseExchangeInfo(await getJson(`${base}/api/v3/exchangeInfo`, { signal })),
  };
}

const level = z.tuple([positive, positive]).transform((pair): DepthLevel => pair);
const depthReply = z.object({
  lastUpdateId: z.union([z.int().min(0), z.string().regex(/^\d{1,20}$/)]),
  bids: z.array(level).max(5_000),
  asks: z.array(level).max(5_000),
});

/** Parses the reply of `GET /api/v3/depth`. Throws VenueReplyError. */
export function parseDepth(body: unknown): DepthSnapshot {
  const reply = depthReply.safeParse(body);
  if (!reply.success) throw new VenueReplyError('BadReply', `depth: ${z.prettifyError(reply.error)}`);
  const { lastUpdateId, bids, asks } = reply.data;
  return { version: BigInt(lastUpdateId), bids, asks };
}
