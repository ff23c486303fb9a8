import type { PairRefusal, VenueFailure, VenueReply } from '../../shared/domain/orders/venue-reply.ts';

/** Thrown when the venue does not return what a reconcile needs. Nothing may be concluded from such a reply. */
export class VenueSilentError extends Error {
  readonly code = 'VenueSilent';
  /** Why the venue refuses every request for the pair; undefined when another request may be answered. */
  readonly refusal: PairRefusal | undefined;

  constructor(reply: VenueFailure) {
    super(describeFailure(reply));
    this.name = 'VenueSilentError';
    this.refusal = reply.kind === 'rejected' ? reply.pair : undefined;
  }
}

/** Returns the value of a reply. Throws VenueSilentError when it has none. */
export function requireValue<T>(reply: VenueReply<T>): T {
  if (reply.kind !== 'ok') throw new VenueSilentError(reply);
  return reply.value;
}

function describeFailure(reply: VenueFailure): string {
  switch (reply.kind) {
    case 'rejected': {
      const answer = `code ${reply.code}${reply.message === '' ? '' : ` (${reply.message})`}`;
      return reply.pair === undefined ? `rejected: ${answer}` : `the venue refuses the pair: ${reply.pair}, ${answer}`;
    }
    case 'rateLimited':
      return `the venue limits requests for ${reply.retryAfterMs} ms`;
    case 'notFound':
      return 'the venue answered "no such order"';
    case 'unknown':
      return `no answer: ${reply.reason}`;
    case 'notSent':
    default:
      return `not sent: ${reply.reason}`;
  }
}
