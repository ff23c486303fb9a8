import type { VenueFailure, VenueReply } from '../../shared/domain/orders/venue-reply.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import type { Request } from '../core/network.ts';
import type { VenueFaults } from '../core/venue-faults.ts';

/**
 * Wraps requests with the failures of the venue: a rate limit, which refuses every request until it ends, a ban,
 * which does so after a request in a limit, and 5XX before or after the request is executed.
 */
export function unreliableRequests(
  request: Request,
  faults: Pick<VenueFaults, 'limitMs' | 'banMs' | 'failure'>,
  clock: Pick<Clock, 'nowMs'>,
): Request {
  const pauseOf = pausesOf(faults);
  return async (work, troubled) =>
    await request(() => {
      const pause = pauseOf(clock.nowMs());
      if (pause !== undefined) return pause;
      const failure = faults.failure();
      if (failure === 'BeforeAccept') return SERVER_ERROR;
      const reply = work();
      return failure === 'AfterAccept' ? SERVER_ERROR : reply;
    }, troubled);
}

/** Returns what answers a request at a time instead of the venue: the pause that it demands. */
function pausesOf(faults: Pick<VenueFaults, 'limitMs' | 'banMs'>): (nowMs: number) => VenueFailure | undefined {
  let limitedUntilMs = 0;
  let bannedUntilMs = 0;
  return (nowMs) => {
    const banMs = limitedUntilMs > nowMs && bannedUntilMs <= nowMs ? faults.banMs() : undefined;
    const limitMs = faults.limitMs();
    if (limitMs !== undefined) limitedUntilMs = Math.max(limitedUntilMs, nowMs + limitMs);
    if (banMs !== undefined) bannedUntilMs = Math.max(limitedUntilMs, nowMs + banMs);
    if (bannedUntilMs > nowMs) return { kind: 'rateLimited', retryAfterMs: bannedUntilMs - nowMs, banned: true };
    return limitedUntilMs > nowMs ? { kind: 'rateLimited', retryAfterMs: limitedUntilMs - nowMs } : undefined;
  };
}

const SERVER_ERROR: VenueReply<never> = { kind: 'unknown', reason: 'Http5xx' };
