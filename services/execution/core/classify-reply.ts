import type { VenueReply } from '../../shared/domain/orders/venue-reply.ts';
import type { Observation } from './observation.ts';

/**
 * Returns the observation that follows from the reply to a POST. Only a reply of the venue decides: after a timeout, a
 * 5XX or a closed connection the outcome is unknown (MEXC spot v3, "General Info": HTTP 5XX, execution status unknown,
 * could have been a success). A rate limit rejects the request before the venue acts on it.
 */
export function observationOfPlace(reply: VenueReply<{ readonly venueOrderId: string }>, atMs: number): Observation {
  switch (reply.kind) {
    case 'ok':
      return { kind: 'Accepted', venueOrderId: reply.value.venueOrderId };
    case 'rejected':
      return { kind: 'Refused', code: reply.code, ...(reply.lacksFunds && { lacksFunds: true }) };
    case 'rateLimited':
      return { kind: 'Refused', code: 'RateLimited' };
    case 'notSent':
      return { kind: 'NotSent', reason: reply.reason };
    // An order that is being created cannot be "not found": this reply does not answer the POST.
    case 'notFound':
    case 'unknown':
    default:
      return { kind: 'OutcomeUnknown', atMs };
  }
}
