import { z } from 'zod';
import { parseDecimal, type Decimal } from '../../../domain/decimal.ts';
import type { DepthLevel, DepthSnapshot } from '../../market-data-venue.ts';
import type { Listings } from '../../listing.ts';
import { VenueReplyError } from '../../venue-reply-error.ts';
import { venueSymbolOf } from '../channels.ts';
import { parseExchangeInfo } from './instruments.ts';

/** Bound on a reply. The complete list of pairs is about 4 MB. */
const MAX_BYTES = 32 * 1024 * 1024;
const TIMEOUT_MS = 10_000;
/** Levels per side; the venue returns at most 5000. */
const DEPTH_LIMIT = 1_000;

/** MEXC's public REST: the two calls that market data needs (API documents "Order Book" and "Exchange Information"). */
export interface MexcPublicRest {
  depth(symbol: string, signal: AbortSignal): Promise<DepthSnapshot>;
  listings(signal: AbortSignal): Promise<Listings>;
}

export function createMexcPublicRest(restUrl: string): MexcPublicRest {
  const base = restUrl.replace(/\/+$/, '');
  return {
    depth: async (symbol, signal) => {
      const query = new URLSearchParams({ symbol: venueSymbolOf(symbol), limit: String(DEPTH_LIMIT) });
      return parseDepth(await getJson(`${base}/api/v3/depth?${query.toString()}`, signal));
    },
    listings: async (signal) => parseExchangeInfo(await getJson(`${base}/api/v3/exchangeInfo`, signal)),
  };
}

const positive = z.string().transform((text, context): Decimal => {
  try {
    const value = parseDecimal(text);
    if (value > 0n) return value;
  } catch {
    // Reported below.
  }
  context.addIssue({ code: 'custom', message: 'not a decimal above zero' });
  return z.NEVER;
});
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

async function getJson(url: string, signal: AbortSignal): Promise<unknown> {
  const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]) });
  const text = await boundedText(response);
  if (!response.ok) throw new VenueReplyError('BadStatus', `${response.status} ${text}`);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new VenueReplyError('BadReply', text, { cause });
  }
}

async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BYTES) throw new VenueReplyError('TooLarge', `more than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}
