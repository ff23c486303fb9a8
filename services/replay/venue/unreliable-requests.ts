import type { VenueReply } from '../../shared/domain/orders/venue-reply.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import type { Request } from '../core/network.ts';
import type { VenueFaults } from '../core/venue-faults.ts';

/**
 * Wraps requests with the failures of the venue: a rate limit, which refuses every request until it ends, and 5XX
 * before or after the request is executed.
 */
export function unreliableRequests(
  request: Request,
  faults: Pick<VenueFaults, 'limitMs' | 'failure'>,
  clock: Pick<Clock, 'nowMs'>,
): Request {
  let limitedUntilMs = 0;
  return async (work, troubled) =>
    await request(() => {
      const limitMs = faults.limitMs();
      if (limitMs !== undefined) limitedUntilMs = Math.max(limitedUntilMs, clock.nowMs() + limitMs);
      const retryAfterMs = limitedUntilMs - clock.nowMs();
      if (retryAfterMs > 0) return { kind: 'rateLimited', retryAfterMs };
      const failure = faults.failure();
      if (failure === 'BeforeAccept') return SERVER_ERROR;
      const reply = work();
      return failure === 'AfterAccept' ? SERVER_ERROR : reply;
    }, troubled);
}

const SERVER_ERROR: VenueReply<never> = { kind: 'unknown', reason: 'Http5xx' };
