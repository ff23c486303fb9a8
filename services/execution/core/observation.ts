import type { Fill } from '../../shared/domain/fill.ts';
import type { OrderReport } from '../../shared/domain/order-report.ts';

/** Everything that can be learnt of an order, in whatever order and however often it is learnt. */
export type Observation =
  /** The reply to the POST: the venue has the order. It says nothing of fills. */
  | { readonly kind: 'Accepted'; readonly venueOrderId: string }
  /** The reply to the POST: the venue does not take the order. */
  | { readonly kind: 'Refused'; readonly code: string }
  /** No byte of the POST has left. */
  | { readonly kind: 'NotSent'; readonly reason: string }
  /** The POST may have been done or not. `at` in UTC milliseconds. */
  | { readonly kind: 'OutcomeUnknown'; readonly at: number }
  /** The venue's word, from a query, a list or the stream. */
  | { readonly kind: 'Reported'; readonly report: OrderReport }
  | { readonly kind: 'FillSeen'; readonly fill: Fill }
  /** We are about to ask for its cancellation. */
  | { readonly kind: 'CancelRequested' }
  /** The rules of unknown-schedule.ts allow the conclusion that the venue never had it. */
  | { readonly kind: 'Concluded'; readonly reason: string };
