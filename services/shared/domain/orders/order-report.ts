import type { Decimal } from '../decimal.ts';
import type { Side } from '../side.ts';

/** Status of an order as the venue reports it. `Cancelled` is final, with or without fills. */
export type OrderReportStatus = 'New' | 'PartiallyFilled' | 'Filled' | 'Cancelled';

/** State of one order as the venue reports it in a query, a list or the private stream. */
export interface OrderReport {
  readonly venueOrderId: string;
  /** Empty when the venue does not report one. */
  readonly clientOrderId: string;
  /** Canonical symbol such as `XRP/ETH`. */
  readonly symbol: string;
  readonly side: Side;
  readonly price: Decimal;
  readonly quantity: Decimal;
  /** Base amount executed so far. */
  readonly executed: Decimal;
  readonly status: OrderReportStatus;
  /** Whether the order may rest: false for IMMEDIATE_OR_CANCEL and similar types. */
  readonly resting: boolean;
  /**
   * Time at which the venue accepted the order, in UTC milliseconds of the venue's clock. Absent when the venue does
   * not report it.
   */
  readonly createdAt?: number;
}
