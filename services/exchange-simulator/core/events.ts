import type { Decimal } from '../../shared/domain/decimal.ts';
import type { Side } from '../../shared/domain/side.ts';

/** MEXC's order types (API document, "Enum definitions"). */
export const VENUE_ORDER_TYPES = ['LIMIT', 'LIMIT_MAKER', 'IMMEDIATE_OR_CANCEL', 'FILL_OR_KILL', 'MARKET'] as const;
export type VenueOrderType = (typeof VENUE_ORDER_TYPES)[number];

/**
 * Times of a signed request. `time`: when the client signed it; `recvWindowMs`: how long it stays valid; `receivedAt`:
 * when it arrived. Times are UTC milliseconds.
 */
export interface RequestStamp {
  readonly time: number;
  readonly recvWindowMs: number;
  readonly receivedAt: number;
}

export interface PlaceOrder {
  readonly kind: 'place';
  readonly account: string;
  readonly clientOrderId: string | undefined;
  /** Canonical, `XRP/ETH`. */
  readonly symbol: string;
  readonly side: Side;
  readonly type: VenueOrderType;
  readonly price?: Decimal | undefined;
  readonly quantity?: Decimal | undefined;
  /** Amount of quote to spend: MARKET buys only. */
  readonly quoteQuantity?: Decimal | undefined;
  readonly request: RequestStamp;
}

export interface CancelOrder {
  readonly kind: 'cancel';
  readonly account: string;
  readonly symbol: string;
  readonly orderId: string;
}

export type Command = PlaceOrder | CancelOrder;

/**
 * Terms of an order in its events. `price` is 0 for MARKET; `quantity` is 0 when the order spends an amount of quote.
 */
export interface OrderTerms {
  readonly account: string;
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly side: Side;
  readonly type: VenueOrderType;
  readonly price: Decimal;
  readonly quantity: Decimal;
  readonly quoteQuantity: Decimal;
}

/** The order was accepted: it has an ID, and its funds are locked. */
export interface Placed extends OrderTerms {
  readonly kind: 'placed';
  readonly orderId: string;
  readonly lockedAsset: string;
  readonly locked: Decimal;
  readonly request: RequestStamp;
  readonly time: number;
}

export interface Rejected extends OrderTerms {
  readonly kind: 'rejected';
  /** MEXC's error code and text. */
  readonly code: number;
  readonly message: string;
  readonly request: RequestStamp;
  readonly time: number;
}

/** One side of a trade, from the point of view of an account. */
export interface Filled {
  readonly kind: 'fill';
  /** Unique per fill: the two sides of a self-trade have different IDs. */
  readonly tradeId: string;
  readonly orderId: string;
  readonly clientOrderId: string;
  readonly account: string;
  readonly symbol: string;
  readonly side: Side;
  readonly price: Decimal;
  readonly quantity: Decimal;
  readonly fee: Decimal;
  readonly feeAsset: string;
  readonly maker: boolean;
  readonly selfTrade: boolean;
  /** The order ends with this fill. */
  readonly completes: boolean;
  readonly time: number;
}

/**
 * `request`: the account cancelled the order. `remainder`: the order's type does not allow it to rest, or it would have
 * been a taker.
 */
export interface Cancelled {
  readonly kind: 'cancelled';
  readonly orderId: string;
  readonly clientOrderId: string;
  readonly account: string;
  readonly symbol: string;
  readonly cause: 'request' | 'remainder';
  readonly time: number;
}

/** Money that came from or went to outside of the venue: a deposit, or with a negative amount a withdrawal. */
export interface Transferred {
  readonly kind: 'transferred';
  readonly account: string;
  readonly asset: string;
  readonly amount: Decimal;
  readonly time: number;
}

/** The open order does not exist; the venue's state did not change. */
export interface CancelRejected {
  readonly kind: 'cancelRejected';
  readonly account: string;
  readonly orderId: string;
  readonly code: number;
  readonly message: string;
  readonly time: number;
}

/** Public trade print. */
export interface Traded {
  readonly kind: 'trade';
  readonly symbol: string;
  readonly price: Decimal;
  readonly quantity: Decimal;
  readonly takerSide: Side;
  readonly time: number;
}

/** Event that changes an account or concerns its orders. The journal contains only these. */
export type AccountEvent = Placed | Rejected | Filled | Cancelled | Transferred;
export type ExchangeEvent = AccountEvent | CancelRejected | Traded;

export function isAccountEvent(event: ExchangeEvent): event is AccountEvent {
  return event.kind !== 'trade' && event.kind !== 'cancelRejected';
}
