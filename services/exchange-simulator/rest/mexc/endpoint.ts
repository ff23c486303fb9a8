import type { Clock } from '../../../shared/runtime/clock.ts';
import type { Command, ExchangeEvent } from '../../core/events.ts';
import type { Ledger } from '../../core/ledger.ts';
import type { MatchingEngine } from '../../core/matching-engine.ts';
import type { ListenKeys } from '../../stream/mexc/listen-keys.ts';
import type { ListedPairs } from '../../core/listed-pairs.ts';
import type { RecentTrades } from './recent-trades.ts';
import type { SignedParameters } from './signed-request.ts';
import type { VenueReply } from './venue-reply.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** What the venue shows of its accounts. */
export type ShownLedger = Pick<Ledger, 'order' | 'orderByClientId' | 'openOrders' | 'orders' | 'fills' | 'balances'>;

/** The market as endpoints use it. */
export interface VenueMarket {
  readonly engine: Pick<MatchingEngine, 'symbols' | 'instrument' | 'book' | 'refusalOf'> & {
    readonly ledger: ShownLedger;
  };
  readonly apply: (command: Command, nowMs: number) => readonly ExchangeEvent[];
}

/** State that endpoints read. */
export interface EndpointContext {
  readonly market: VenueMarket;
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
