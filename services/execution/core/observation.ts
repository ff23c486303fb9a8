import type { Fill } from '../../shared/domain/orders/fill.ts';
import type { OrderReport } from '../../shared/domain/orders/order-report.ts';

/** Everything that can be learnt about an order. Observations may arrive in any sequence and repeatedly. */
export type Observation =
  /** The reply to the POST: the venue has the order. The reply does not include fills. */
  | { readonly kind: 'Accepted'; readonly venueOrderId: string }
  /** The reply to the POST: the venue rejects the order. */
  | { readonly kind: 'Refused'; readonly code: string; readonly lacksFunds?: true }
  /** No byte of the POST was sent. */
  | { readonly kind: 'NotSent'; readonly reason: string }
  /** The venue may or may not have executed the POST. `atMs` in UTC milliseconds. */
  | { readonly kind: 'OutcomeUnknown'; readonly atMs: number }
  /** The venue's report, from a query, a list or the stream. */
  | { readonly kind: 'Reported'; readonly report: OrderReport }
  | { readonly kind: 'FillSeen'; readonly fill: Fill }
  /** A cancellation is about to be requested. */
  | { readonly kind: 'CancelRequested' }
  /** The rules of unknown-schedule.ts allow the conclusion that the venue never had the order. */
  | { readonly kind: 'Concluded'; readonly reason: string };
