import type { Decimal } from '../domain/decimal.ts';
import type { Fill } from '../domain/fill.ts';
import type { OrderRequest } from '../domain/order.ts';
import type { OrderReport } from '../domain/order-report.ts';
import type { VenueReply } from '../domain/venue-reply.ts';

/** How a request that creates an order is signed and when it may still leave. */
export interface PlaceTerms {
  /** Signed as the request's timestamp: when the intent was committed. UTC milliseconds. */
  readonly timestampMs: number;
  /** How long after that the venue accepts it. */
  readonly recvWindowMs: number;
  /** Asked right before the bytes are handed to the socket: why they may not leave, or undefined when they may. */
  readonly refusal: () => string | undefined;
}

/** What the venue holds of an asset. */
export interface VenueBalance {
  readonly free: Decimal;
  readonly locked: Decimal;
}

/**
 * The account at a venue. No call throws for what the venue or the network does, none is ever repeated by itself, and each ends within its deadline. Amounts
 * are exact; symbols are canonical.
 */
export interface TradingVenue {
  /** The reply says only that the venue has the order; its state comes from `order` or the private stream. */
  place(request: OrderRequest, terms: PlaceTerms): Promise<VenueReply<{ readonly venueOrderId: string }>>;
  cancel(symbol: string, clientOrderId: string): Promise<VenueReply<undefined>>;
  order(symbol: string, clientOrderId: string): Promise<VenueReply<OrderReport>>;
  openOrders(symbol: string): Promise<VenueReply<readonly OrderReport[]>>;
  /** Fills of our orders from `sinceMs` on, oldest first, all pages. */
  fills(symbol: string, sinceMs: number): Promise<VenueReply<readonly Fill[]>>;
  balances(): Promise<VenueReply<ReadonlyMap<string, VenueBalance>>>;
  /** The venue's clock less ours, in milliseconds, measured now. */
  clockSkewMs(): Promise<VenueReply<number>>;
}

/** Makes a call or answers in its place, as the account's rate limit allows. */
export type Through = <T>(call: () => Promise<VenueReply<T>>) => Promise<VenueReply<T>>;

/** What the private stream tells; `connected` after every (re)connection, when fills may have been missed. */
export interface PrivateStreamEvents {
  readonly onConnected: () => void;
  readonly onDisconnected: (reason: string) => void;
  readonly onOrder: (report: OrderReport) => void;
  readonly onFill: (fill: Fill) => void;
  /** A well-formed frame of a pair that is not traded here: nothing of ours. */
  readonly onForeign: (symbol: string) => void;
  /** A frame that cannot be read: counted and kept by the listener, stops nothing. */
  readonly onMalformed: (frame: Uint8Array, reason: string) => void;
}
