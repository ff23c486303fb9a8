import type { Decimal } from '../domain/decimal.ts';
import type { FillPage, FillRange } from '../domain/orders/fill-page.ts';
import type { Fill } from '../domain/orders/fill.ts';
import type { OrderRequest } from '../domain/orders/order.ts';
import type { OrderReport } from '../domain/orders/order-report.ts';
import type { ListedOrder } from '../domain/orders/unread-row.ts';
import type { VenueReply } from '../domain/orders/venue-reply.ts';
import type { VenueRules } from './venue-rules.ts';

/** Terms of a request that creates an order: how it is signed, and until when it may be sent. */
export interface PlaceTerms {
  /** When the intent was committed, signed as the request's timestamp. UTC milliseconds. */
  readonly timestampMs: number;
  /** How long after `timestampMs` the venue accepts the request. */
  readonly recvWindowMs: number;
  /**
   * Called right before the bytes are handed to the socket. Returns why they may not be sent, or undefined when they
   * may.
   */
  readonly refusal: () => string | undefined;
}

/** Balance of one asset at the venue. */
export interface VenueBalance {
  readonly free: Decimal;
  readonly locked: Decimal;
}

/** Balance of an asset that the venue reports in a way that cannot be read. It is unknown, and not zero. */
export interface UnreadBalance {
  readonly free?: undefined;
  readonly problem: string;
}

/**
 * Account at a venue. No call throws because of the venue or the network, none is retried automatically, and each ends
 * within its deadline. Amounts are exact; symbols are canonical.
 */
export interface TradingVenue {
  readonly rules: VenueRules;
  /**
   * The reply confirms only that the venue has the order; its state comes from `order` or the private stream. A
   * LIMIT_MAKER that would take, and a FILL_OR_KILL that cannot be filled, ends without a fill: the venue either
   * accepts and cancels it, or rejects it.
   */
  place(request: OrderRequest, terms: PlaceTerms): Promise<VenueReply<{ readonly venueOrderId: string }>>;
  /** Reaches the venue also while our clock is wrong, once the clocks have been compared. */
  cancel(symbol: string, clientOrderId: string): Promise<VenueReply<undefined>>;
  order(symbol: string, clientOrderId: string): Promise<VenueReply<OrderReport>>;
  /** A row that cannot be read stands for an order that is open: it is part of the list, as far as it is known. */
  openOrders(symbol: string): Promise<VenueReply<readonly ListedOrder[]>>;
  /**
   * Returns one page of the account's fills in the range, by one request. Reading more than a page is the caller's:
   * where a page is not complete, a shorter range may be.
   */
  fills(symbol: string, range: FillRange): Promise<VenueReply<FillPage>>;
  balances(): Promise<VenueReply<ReadonlyMap<string, VenueBalance | UnreadBalance>>>;
  /** Measures the venue's clock minus ours, in milliseconds. */
  clockSkewMs(): Promise<VenueReply<number>>;
}

/** Makes the call when the account's rate limit allows it; otherwise replies in its place. */
export type RateLimited = <T>(call: () => Promise<VenueReply<T>>) => Promise<VenueReply<T>>;

/** Events of the private stream. `onConnected` fires after every (re)connection, when fills may have been missed. */
export interface PrivateStreamEvents {
  readonly onConnected: () => void;
  readonly onDisconnected: (reason: string) => void;
  readonly onOrder: (report: OrderReport) => void;
  readonly onFill: (fill: Fill) => void;
  /** A well-formed frame of a pair that is not traded here, so not of our orders. */
  readonly onForeign: (symbol: string) => void;
  /** An unreadable frame. The listener counts and keeps it; the stream continues. */
  readonly onMalformed: (frame: Uint8Array, reason: string) => void;
}
