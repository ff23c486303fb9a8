import type { Clock } from '../../../shared/runtime/clock.ts';
import type { ListenKeys } from '../../stream/mexc/listen-keys.ts';
import type { ListedPairs } from '../../core/listed-pairs.ts';
import type { JournaledMarket } from '../../journaled-market.ts';
import type { RecentTrades } from './recent-trades.ts';
import type { SignedParameters } from './signed-request.ts';
import type { VenueReply } from './venue-reply.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** State that endpoints read. */
export interface EndpointContext {
  readonly market: JournaledMarket;
  readonly listenKeys: ListenKeys;
  readonly recentTrades: RecentTrades;
  readonly clock: Clock;
  readonly symbols: ListedPairs;
}

interface Address {
  readonly method: Method;
  readonly path: string;
}

/** Endpoint without authentication. */
export interface PublicEndpoint extends Address {
  readonly access: 'public';
  readonly handle: (parameters: URLSearchParams, context: EndpointContext) => VenueReply;
}

/** Endpoint that requires an API key and a signature. */
export interface SignedEndpoint extends Address {
  readonly access: 'signed';
  readonly handle: (signed: SignedParameters, context: EndpointContext) => VenueReply;
}

export type Endpoint = PublicEndpoint | SignedEndpoint;
