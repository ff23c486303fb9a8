import type { VenueReply } from '../../shared/domain/orders/venue-reply.ts';
import type { HttpOutcome } from '../../shared/venue/http-outcome.ts';

/** A request that was sent, and nothing came back. */
export const NO_ANSWER: HttpOutcome = {
  written: true,
  status: undefined,
  body: '',
  retryAfter: undefined,
  failure: undefined,
};

/** Returns what a client sees of a request of the replay: the answer of the venue, or what its faults made of it. */
export function outcomeOf(reply: VenueReply<HttpOutcome>): HttpOutcome {
  if (reply.kind === 'ok') return reply.value;
  // Retry-After has whole seconds.
  if (reply.kind === 'rateLimited') {
    const status = reply.banned === true ? 418 : 429;
    return { ...NO_ANSWER, status, retryAfter: String(Math.ceil(reply.retryAfterMs / 1_000)) };
  }
  return reply.kind === 'unknown' && reply.reason === 'Http5xx' ? { ...NO_ANSWER, status: 503 } : NO_ANSWER;
}
