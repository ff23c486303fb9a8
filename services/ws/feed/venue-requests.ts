import type { Clock } from '../../shared/runtime/clock.ts';
import { pause } from '../../shared/runtime/periodic.ts';
import type { Listings } from '../../shared/venue/listing.ts';
import type { DepthSnapshot, MarketDataVenue, RecentTrades } from '../../shared/venue/market-data-venue.ts';
import { VenueReplyError } from '../../shared/venue/venue-reply-error.ts';
import type { RequestPacer } from '../request-pacer.ts';

/** The venue's REST, as far as ws needs it. Each call may reject. */
export interface VenueRequests {
  /** Waits for the end of a pause. The feeds ask the pacer before the other calls. */
  readonly listings: () => Promise<Listings>;
  readonly depth: (symbol: string) => Promise<DepthSnapshot>;
  readonly bookVersion: (symbol: string) => Promise<bigint>;
  readonly trades: (symbol: string) => Promise<RecentTrades>;
}

export interface VenueRequestsOptions {
  readonly venue: MarketDataVenue;
  readonly pacer: RequestPacer;
  readonly clock: Clock;
  /** Ends all requests. */
  readonly signal: AbortSignal;
}

/** Creates the requests of all feeds: a venue that asks one of them for a pause gets it from all. */
export function createVenueRequests({ venue, pacer, clock, signal }: VenueRequestsOptions): VenueRequests {
  const request = async <T>(send: () => Promise<T>): Promise<T> => {
    try {
      return await send();
    } catch (error) {
      const pauseMs = error instanceof VenueReplyError ? error.retryAfterMs : undefined;
      if (pauseMs !== undefined) pacer.pauseUntil(clock.monotonicMs() + pauseMs);
      throw error;
    }
  };
  return {
    listings: async () => {
      const waitMs = () => (signal.aborted ? 0 : pacer.waitMs(clock.monotonicMs()));
      // A request that is on its way may lengthen the pause.
      while (waitMs() > 0) await pause(clock, waitMs(), signal);
      return await request(async () => await venue.listings(signal));
    },
    depth: async (symbol) => await request(async () => await venue.depth(symbol, signal)),
    bookVersion: async (symbol) => await request(async () => await venue.bookVersion(symbol, signal)),
    trades: async (symbol) => await request(async () => await venue.trades(symbol, signal)),
  };
}
