import type { Decimal } from '../domain/decimal.ts';
import type { Side } from '../domain/side.ts';
import type { Listings } from './mexc/rest/instruments.ts';

/** What a venue streams of a symbol in public. */
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

/** Price and the quantity resting there; in a difference a quantity of zero removes the level. */
export type DepthLevel = readonly [price: Decimal, quantity: Decimal];

export interface DepthSnapshot {
  /** Everything up to this version of the book is in it. */
  readonly version: bigint;
  readonly bids: readonly DepthLevel[];
  readonly asks: readonly DepthLevel[];
}

/** All changes of the versions from `fromVersion` to `toVersion`, both included. */
export interface DepthDiff {
  readonly fromVersion: bigint;
  readonly toVersion: bigint;
  readonly bids: readonly DepthLevel[];
  readonly asks: readonly DepthLevel[];
}

/** One frame of the venue, read. `sentAt` is the venue's time in UTC milliseconds. */
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
  /** Neither control nor data: counted and kept with its payload. */
  | { readonly kind: 'Malformed'; readonly reason: string; readonly payload: Uint8Array };

export interface ConnectionListener {
  onOpen(): void;
  onFrame(frame: VenueFrame): void;
  /** Once, whatever ended it: the venue, the network, or `close`. */
  onClosed(reason: string): void;
}

/** One connection to the venue's public streams. Calls on one that is not open do nothing. */
export interface VenueConnection {
  subscribe(streams: readonly Stream[]): void;
  unsubscribe(streams: readonly Stream[]): void;
  ping(): void;
  close(): void;
}

export interface VenueLimits {
  readonly streamsPerConnection: number;
  readonly pingIntervalMs: number;
  /** The venue cuts a connection at this age. */
  readonly maxConnectionMs: number;
}

/** The port to a venue's public market data. */
export interface MarketDataVenue {
  readonly limits: VenueLimits;
  connect(listener: ConnectionListener): VenueConnection;
  /** The whole book by REST. Rejects with VenueReplyError or a network error. */
  depth(symbol: string, signal: AbortSignal): Promise<DepthSnapshot>;
  /** Every pair of the venue. Rejects with VenueReplyError or a network error. */
  listings(signal: AbortSignal): Promise<Listings>;
}
