import type { VenueReply } from '../domain/orders/venue-reply.ts';
import type { Clock } from '../runtime/clock.ts';

/** Half of this round trip is small compared with every bound on clock skew. */
const GOOD_ROUND_TRIP_MS = 200;
const MAX_ATTEMPTS = 3;

/**
 * Measures the venue's clock minus ours, in milliseconds. The venue read its clock at some moment between request and
 * reply, so the midpoint is off by up to half the round trip. Slow replies are therefore retried, and the quickest of
 * at most three counts (like NTP's clock filter, RFC 5905, section 10).
 */
export async function measureSkew(
  ask: () => Promise<VenueReply<number>>,
  clock: Pick<Clock, 'nowMs' | 'monotonicMs'>,
): Promise<VenueReply<number>> {
  let best: { readonly skewMs: number; readonly roundTripMs: number } | undefined;
  for (let attempt = 0; attempt < MAX_ATTEMPTS && (best?.roundTripMs ?? Infinity) > GOOD_ROUND_TRIP_MS; attempt += 1) {
    const startedMs = clock.monotonicMs();
    const sentMs = clock.nowMs();
    const reply = await ask();
    if (reply.kind !== 'ok') return reply;
    const roundTripMs = clock.monotonicMs() - startedMs;
    const skewMs = Math.round(reply.value - (sentMs + clock.nowMs()) / 2);
    if (best === undefined || roundTripMs < best.roundTripMs) best = { skewMs, roundTripMs };
  }
  return { kind: 'ok', value: best?.skewMs ?? 0 };
}
