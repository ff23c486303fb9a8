import type { Decimal } from './decimal.ts';
import type { Side } from './side.ts';

/** What the venue says of an order. `Cancelled` is final, with or without fills. */
export type OrderReportStatus = 'New' | 'PartiallyFilled' | 'Filled' | 'Cancelled';

/** The venue's word on one order, from a query, a list or the private stream. */
export interface OrderReport {
  readonly venueOrderId: string;
  /** Empty where the venue does not give one. */
  readonly clientOrderId: string;
  /** Canonical, `XRP/ETH`. */
  readonly symbol: string;
  readonly side: Side;
  readonly price: Decimal;
  readonly quantity: Decimal;
  /** Base amount executed so far. */
  readonly executed: Decimal;
  readonly status: OrderReportStatus;
  /** Whether it may rest: false for IMMEDIATE_OR_CANCEL and the like. */
  readonly resting: boolean;
  /** When the venue accepted it, UTC milliseconds by the venue's clock; left out where the venue does not say. */
  readonly createdAt?: number;
}
