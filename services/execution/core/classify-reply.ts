import type { VenueReply } from '../../shared/domain/venue-reply.ts';
import type { Observation } from './observation.ts';

/**
 * What the outcome of a POST tells of the order. Only an answer of the venue is an answer: a time-out, a 5XX and a closed connection leave it
 * unknown (MEXC spot v3, "General Info": HTTP 5XX, execution status unknown, could have been a success). A rate limit refuses before anything is done.
 */
export function observationOfPlace(reply: VenueReply<{ readonly venueOrderId: string }>, atMs: number): Observation {
  switch (reply.kind) {
    case 'ok':
      return { kind: 'Accepted', venueOrderId: reply.value.venueOrderId };
    case 'rejected':
      return { kind: 'Refused', code: reply.code };
    case 'rateLimited':
      return { kind: 'Refused', code: 'RateLimited' };
    case 'notSent':
      return { kind: 'NotSent', reason: reply.reason };
    // An order that is being created cannot be "not found": no answer to what was asked.
    case 'notFound':
    case 'unknown':
    default:
      return { kind: 'OutcomeUnknown', at: atMs };
  }
}
