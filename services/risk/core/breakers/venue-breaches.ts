import { formatDecimal, parseDecimal, type Decimal } from '../../../shared/domain/decimal.ts';
import type { ObservedHealth } from '../../../shared/domain/venue-health.ts';
import type { BreakerRules } from './account-breaches.ts';
import type { Breach } from './breaker.ts';

const HUNDRED = parseDecimal('100');
const SECOND_MS = 1_000;
/** Fewer replies within the minute prove nothing, neither for the venue nor against it. */
export const REPLIES_MIN = 10;
/** The sender records every five seconds. An older record says nothing about now. */
export const HEALTH_MAX_AGE_MS = 15_000;

type VenueBreach = Breach & { readonly breaker: 'VenueErrors' | 'VenueLatency' | 'VenueBanned' };

/** Whether the settings have a limit that needs the health of the venue. */
export function needsVenueHealth(rules: BreakerRules | undefined): boolean {
  const { maxVenueErrorPercent, maxVenueLatencyMs, maxVenuePauseSeconds } = rules ?? {};
  return [maxVenueErrorPercent, maxVenueLatencyMs, maxVenuePauseSeconds].some((limit) => limit !== undefined);
}

/** Returns why the health of the venue is unknown; undefined if it is known. */
export function venueProblem(health: ObservedHealth | undefined): string | undefined {
  if (health === undefined) return 'execution has not reported on the venue yet';
  if (health.ageMs <= HEALTH_MAX_AGE_MS) return undefined;
  return `execution reported on the venue ${Math.round(health.ageMs / SECOND_MS)} s ago`;
}

/** Returns the limits that the answers of the venue have reached; none while its health is unknown. */
export function venueBreaches(health: ObservedHealth | undefined, rules: BreakerRules): readonly VenueBreach[] {
  if (health === undefined || venueProblem(health) !== undefined) return [];
  return [errors(health, rules), latency(health, rules), pause(health, rules)].filter((breach) => breach !== undefined);
}

/** Whether the venue certainly is within the limit of a breaker now: enough replies say so. */
export function isVenueCalm(
  breaker: VenueBreach['breaker'],
  health: ObservedHealth | undefined,
  rules: BreakerRules,
): boolean {
  if (health === undefined || venueProblem(health) !== undefined) return false;
  if (breaker === 'VenueErrors' && health.requests < REPLIES_MIN) return false;
  if (breaker === 'VenueLatency' && health.timed < REPLIES_MIN) return false;
  return venueBreaches(health, rules).every((breach) => breach.breaker !== breaker);
}

function errors(health: ObservedHealth, { maxVenueErrorPercent: limit }: BreakerRules): VenueBreach | undefined {
  const { requests, failures } = health;
  const failed = Object.values(failures).reduce((sum, count) => sum + count, 0);
  if (limit === undefined || requests < REPLIES_MIN) return undefined;
  if (BigInt(failed) * HUNDRED <= limit * BigInt(requests)) return undefined;
  const percent = formatDecimal(((BigInt(failed) * HUNDRED) / BigInt(requests)) as Decimal);
  const threshold = formatDecimal(limit);
  return {
    breaker: 'VenueErrors',
    symbol: '',
    threshold,
    detail: `${failed} of ${requests} requests to the venue failed within a minute, risk.maxVenueErrorPercent is ${threshold}`,
    inputs: { requests, ...failures, errorPercent: percent },
  };
}

function latency(health: ObservedHealth, { maxVenueLatencyMs: limit }: BreakerRules): VenueBreach | undefined {
  const { timed, medianMs, p95Ms = null } = health;
  if (limit === undefined || medianMs === undefined || timed < REPLIES_MIN || medianMs <= limit) return undefined;
  return {
    breaker: 'VenueLatency',
    symbol: '',
    threshold: String(limit),
    detail: `half of the answers of the venue took ${Math.round(medianMs)} ms or more, risk.maxVenueLatencyMs is ${limit}`,
    inputs: { answers: timed, medianMs, p95Ms },
  };
}

function pause(health: ObservedHealth, { maxVenuePauseSeconds: limit }: BreakerRules): VenueBreach | undefined {
  const { longestPauseMs, failures } = health;
  if (limit === undefined || longestPauseMs <= limit * SECOND_MS) return undefined;
  const seconds = Math.ceil(longestPauseMs / SECOND_MS);
  return {
    breaker: 'VenueBanned',
    symbol: '',
    threshold: String(limit),
    detail: `the venue accepts no request for ${seconds} s, risk.maxVenuePauseSeconds is ${limit}`,
    inputs: { pauseMs: longestPauseMs, rateLimited: failures.RateLimited, banned: failures.Banned },
  };
}
