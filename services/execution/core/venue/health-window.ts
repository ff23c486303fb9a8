import {
  HEALTH_WINDOW_MS,
  VENUE_FAILURES,
  type VenueFailureKind,
  type VenueHealth,
} from '../../../shared/domain/venue-health.ts';
import type { VenueReply } from '../../../shared/domain/orders/venue-reply.ts';

/** One request that has ended. */
export interface VenueSample {
  /** When it ended. Monotonic milliseconds. */
  readonly atMs: number;
  /** Undefined for a failure, and for a call that makes several requests. */
  readonly latencyMs: number | undefined;
  readonly failure: VenueFailureKind | undefined;
  /** How long the venue demands that no request is sent; 0 if it does not. */
  readonly pauseMs: number;
}

/** The oldest go first: at a venue that takes more than this in a minute, the window is shorter. */
export const SAMPLES_MAX = 2_000;

/** Returns how a reply failed; undefined for an answer of the venue. */
export function failureOf(reply: VenueReply<unknown>): VenueFailureKind | undefined {
  if (reply.kind === 'unknown') return 'NoAnswer';
  if (reply.kind === 'notSent') return 'NotSent';
  if (reply.kind === 'rateLimited') return reply.banned === true ? 'Banned' : 'RateLimited';
  return undefined;
}

/** Returns the samples of the window that ends now, at most SAMPLES_MAX. */
export function withinWindow(samples: readonly VenueSample[], nowMs: number): readonly VenueSample[] {
  return samples.filter(({ atMs }) => nowMs - atMs < HEALTH_WINDOW_MS).slice(-SAMPLES_MAX);
}

/** Sums up the window that ends now. A pause counts until it has ended, and for the window after it was demanded. */
export function healthOf(samples: readonly VenueSample[], nowMs: number, pausedForMs: number): VenueHealth {
  const window = withinWindow(samples, nowMs);
  const latencies = window.flatMap(({ latencyMs }) => latencyMs ?? []).toSorted((a, b) => a - b);
  const count = (kind: VenueFailureKind): number => window.filter(({ failure }) => failure === kind).length;
  return {
    requests: window.length,
    failures: Object.fromEntries(VENUE_FAILURES.map((kind) => [kind, count(kind)])) as VenueHealth['failures'],
    timed: latencies.length,
    medianMs: rank(latencies, 0.5),
    p95Ms: rank(latencies, 0.95),
    longestPauseMs: Math.max(pausedForMs, ...window.map(({ pauseMs }) => pauseMs)),
  };
}

/** The smallest value that at least this share of the values does not exceed. */
function rank(sorted: readonly number[], share: number): number | undefined {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
}
