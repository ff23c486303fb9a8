import type { Decimal } from '../domain/decimal.ts';
import type { Side } from '../domain/side.ts';
import type { Listings } from './listing.ts';

/** Public channel of a symbol. */
export type Channel = 'trades' | 'depth';

export interface Stream {
  readonly channel: Channel;
  /** Canonical, `XRP/ETH`. */
  readonly symbol: string;
}

export interface VenueTrade {
  readonly price: Decimal;
  readonly quantity: Decimal;
  readonly takerSide: Side;
  /** The venue's time, UTC milliseconds. */
  readonly time: number;
}

/** The newest trades of a symbol, oldest first. */
export interface RecentTrades {
  readonly trades: readonly VenueTrade[];
  /** Whether the list has as many trades as the venue returns at most, so that older ones exist. */
  readonly isFull: boolean;
}

/** A price and the quantity resting there; in a diff, a quantity of zero removes the level. */
export type DepthLevel = readonly [price: Decimal, quantity: Decimal];

export interface DepthSnapshot {
  /** The snapshot contains every change up to and including this version. */
  readonly version: bigint;
  readonly bids: readonly DepthLevel[];
  readonly asks: readonly DepthLevel[];
}

/** All changes of the versions from `fromVersion` to `toVersion`, both inclusive. */
export interface DepthDiff {
  readonly fromVersion: bigint;
  readonly toVersion: bigint;
  readonly bids: readonly DepthLevel[];
  readonly asks: readonly DepthLevel[];
}

/** Parsed frame of the venue. `sentAt` is the venue's time in UTC milliseconds. */
export type VenueFrame =
  | {
      readonly kind: 'Trades';
      readonly symbol: string;
      readonly sentAt: number;
      readonly trades: readonly VenueTrade[];
    }
  | { readonly kind: 'Depth'; readonly symbol: string; readonly sentAt: number; readonly diff: DepthDiff }
  | { readonly kind: 'Subscribed' }
  | { readonly kind: 'Refused'; readonly message: string }
  | { readonly kind: 'Pong' }
  /** Neither control nor data; counted and kept with its payload. */
  | { readonly kind: 'Malformed'; readonly reason: string; readonly payload: Uint8Array };

export interface ConnectionListener {
  onOpen(): void;
  onFrame(frame: VenueFrame): void;
  /** Called once, whether the venue, the network or `close` ended the connection. */
  onClosed(reason: string): void;
}

/** Connection to the venue's public streams. Calls on a connection that is not open have no effect. */
export interface VenueConnection {
  subscribe(streams: readonly Stream[]): void;
  unsubscribe(streams: readonly Stream[]): void;
  ping(): void;
  close(): void;
}

export interface VenueLimits {
  readonly streamsPerConnection: number;
  readonly pingIntervalMs: number;
  /** Age at which the venue closes a connection. */
  readonly maxConnectionMs: number;
}

/** Port to a venue's public market data. */
export interface MarketDataVenue {
  readonly limits: VenueLimits;
  connect(listener: ConnectionListener): VenueConnection;
  /** Fetches an order book snapshot by REST. Rejects with VenueReplyError or a network error. */
  depth(symbol: string, signal: AbortSignal): Promise<DepthSnapshot>;
  /** Fetches the version of the venue's order book by REST, by a light request. Rejects as `depth` does. */
  bookVersion(symbol: string, signal: AbortSignal): Promise<bigint>;
  /** Fetches the newest public trades by REST. Rejects as `depth` does. */
  trades(symbol: string, signal: AbortSignal): Promise<RecentTrades>;
  /** Fetches every pair of the venue. Rejects with VenueReplyError or a network error. */
  listings(signal: AbortSignal): Promise<Listings>;
}
