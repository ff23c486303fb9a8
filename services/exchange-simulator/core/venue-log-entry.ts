import type { VenueOrderType } from './events.ts';

/**
 * One entry of the venue's log, as `GET /simulator/log` returns it: everything that happened to accounts. Amounts are
 * decimal strings, times UTC milliseconds.
 */
export interface VenueLogEntry {
  readonly seq: number;
  readonly kind: 'opened' | 'placed' | 'rejected' | 'fill' | 'cancelled' | 'transferred';
  readonly time: number;
  readonly orderId?: string;
  readonly clientOrderId?: string;
  readonly symbol?: string;
  readonly side?: 'buy' | 'sell';
  /** Of an order that was placed or rejected. */
  readonly type?: VenueOrderType;
  readonly price?: string;
  readonly quantity?: string;
  readonly tradeId?: string;
  readonly fee?: string;
  readonly feeAsset?: string;
  readonly receivedAt?: number;
  /** Of a transfer; negative if it left the account. */
  readonly asset?: string;
  readonly amount?: string;
}
