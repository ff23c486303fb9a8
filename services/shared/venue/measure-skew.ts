import type { VenueReply } from '../domain/venue-reply.ts';
import type { Clock } from '../runtime/clock.ts';

/** Half of such a round trip is small beside every bound that is set on the difference of clocks. */
const GOOD_ROUND_TRIP_MS = 200;
const TRIES = 3;

/**
 * The venue's clock less ours, in milliseconds. The venue looked at its clock somewhere between question and answer, so the middle errs by up to half of
 * the way there and back: a slow answer is asked for again, and of three the quickest counts (as NTP's clock filter does, RFC 5905, section 10).
 */
export async function measureSkew(
  ask: () => Promise<VenueReply<number>>,
  clock: Pick<Clock, 'nowMs' | 'monotonicMs'>,
): Promise<VenueReply<number>> {
  let best: { readonly skewMs: number; readonly roundTripMs: number } | undefined;
  for (let tries = 0; tries < TRIES && (best?.roundTripMs ?? Infinity) > GOOD_ROUND_TRIP_MS; tries += 1) {
    const startedMs = clock.monotonicMs();
    const asked = clock.nowMs();
    const reply = await ask();
    if (reply.kind !== 'ok') return reply;
    const roundTripMs = clock.monotonicMs() - startedMs;
    const skewMs = Math.round(reply.value - (asked + clock.nowMs()) / 2);
    if (best === undefined || roundTripMs < best.roundTripMs) best = { skewMs, roundTripMs };
  }
  return { kind: 'ok', value: best?.skewMs ?? 0 };
}
