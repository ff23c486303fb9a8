import { describe, expect, it } from 'vitest';
import { healthyVenue } from '../../../../test/fixtures/breakers.ts';
import { parseDecimal } from '../../../shared/domain/decimal.ts';
import type { ObservedHealth } from '../../../shared/domain/venue-health.ts';
import type { BreakerRules } from './account-breaches.ts';
import { isVenueCalm, needsVenueHealth, venueBreaches, venueProblem } from './venue-breaches.ts';

const RULES = { maxVenueErrorPercent: parseDecimal('20'), maxVenueLatencyMs: 500, maxVenuePauseSeconds: 5 };
const failures = (change: Partial<ObservedHealth['failures']>): Partial<ObservedHealth> => ({
  failures: { ...healthyVenue().failures, ...change },
});

describe('a limit of the venue', () => {
  it.each<[string, Partial<ObservedHealth>, readonly string[]]>([
    ['nothing fails', {}, []],
    ['exactly the limit of requests failed', failures({ NoAnswer: 10 }), []],
    ['one more failed', failures({ NoAnswer: 11 }), ['VenueErrors']],
    [
      'failures of every kind add up',
      failures({ NoAnswer: 5, NotSent: 4, RateLimited: 1, Banned: 1 }),
      ['VenueErrors'],
    ],
    ['too few requests say so', { requests: 9, ...failures({ NoAnswer: 9 }) }, []],
    ['ten requests are enough', { requests: 10, ...failures({ NoAnswer: 3 }) }, ['VenueErrors']],
    ['the median is at the limit', { medianMs: 500 }, []],
    ['the median is above the limit', { medianMs: 500.5 }, ['VenueLatency']],
    ['the slowest answers are above it', { p95Ms: 9_000 }, []],
    ['too few answers are slow', { timed: 9, medianMs: 900 }, []],
    ['ten answers are slow', { timed: 10, medianMs: 900 }, ['VenueLatency']],
    ['no answer was timed', { timed: 0, medianMs: undefined, p95Ms: undefined }, []],
    ['a pause is as long as the limit', { longestPauseMs: 5_000 }, []],
    ['a pause is longer', { longestPauseMs: 5_001 }, ['VenueBanned']],
    [
      'a pause is longer and there are few requests',
      { requests: 1, timed: 0, longestPauseMs: 60_000 },
      ['VenueBanned'],
    ],
    [
      'the report is too old',
      { ageMs: 15_001, longestPauseMs: 60_000, medianMs: 900, ...failures({ NoAnswer: 50 }) },
      [],
    ],
  ])('when %s: %s', (_what, change, breakers) => {
    expect(venueBreaches(healthyVenue(change), RULES).map(({ breaker }) => breaker)).toEqual(breakers);
  });

  it('says what reached which limit, with the numbers', () => {
    const health = healthyVenue({ ...failures({ NoAnswer: 20, Banned: 5 }), medianMs: 800, longestPauseMs: 120_000 });
    expect(venueBreaches(health, RULES)).toEqual([
      {
        breaker: 'VenueErrors',
        symbol: '',
        threshold: '20',
        detail: '25 of 50 requests to the venue failed within a minute, risk.maxVenueErrorPercent is 20',
        inputs: { requests: 50, NoAnswer: 20, NotSent: 0, RateLimited: 0, Banned: 5, errorPercent: '50' },
      },
      {
        breaker: 'VenueLatency',
        symbol: '',
        threshold: '500',
        detail: 'half of the answers of the venue took 800 ms or more, risk.maxVenueLatencyMs is 500',
        inputs: { answers: 40, medianMs: 800, p95Ms: 60 },
      },
      {
        breaker: 'VenueBanned',
        symbol: '',
        threshold: '5',
        detail: 'the venue accepts no request for 120 s, risk.maxVenuePauseSeconds is 5',
        inputs: { pauseMs: 120_000, rateLimited: 0, banned: 5 },
      },
    ]);
  });

  it.each<[string, BreakerRules | undefined, boolean]>([
    ['no rules', undefined, false],
    ['no limit', {}, false],
    ['a daily loss', { maxDailyLoss: parseDecimal('1') }, false],
    ['errors', { maxVenueErrorPercent: parseDecimal('1') }, true],
    ['latency', { maxVenueLatencyMs: 100 }, true],
    ['a pause', { maxVenuePauseSeconds: 1 }, true],
  ])('of %s needs a report of the venue: %s', (_what, rules, needs) => {
    expect(needsVenueHealth(rules)).toBe(needs);
  });

  it('is not reached without a limit or a report', () => {
    expect(
      venueBreaches(healthyVenue({ ...failures({ NoAnswer: 50 }), longestPauseMs: 9e9, medianMs: 9e9 }), {}),
    ).toEqual([]);
    expect(venueBreaches(undefined, RULES)).toEqual([]);
  });
});

it.each([
  [undefined, 'execution has not reported on the venue yet'],
  [15_000, undefined],
  [15_500, 'execution reported on the venue 16 s ago'],
])('the health of the venue after %s ms has the problem: %s', (ageMs, problem) => {
  expect(venueProblem(ageMs === undefined ? undefined : healthyVenue({ ageMs }))).toBe(problem);
});

describe('the venue', () => {
  it.each<[string, Parameters<typeof isVenueCalm>[0], Partial<ObservedHealth>, boolean]>([
    ['calm', 'VenueErrors', {}, true],
    ['calm', 'VenueErrors', { requests: 10 }, true],
    ['not calm with too few requests', 'VenueErrors', { requests: 9 }, false],
    ['not calm with errors', 'VenueErrors', failures({ NoAnswer: 30 }), false],
    ['calm', 'VenueLatency', failures({ NoAnswer: 30 }), true],
    ['calm', 'VenueLatency', { timed: 10 }, true],
    ['not calm with too few answers', 'VenueLatency', { timed: 9 }, false],
    ['not calm with slow answers', 'VenueLatency', { medianMs: 501 }, false],
    ['calm without a pause', 'VenueBanned', { requests: 0, timed: 0 }, true],
    ['not calm during a pause', 'VenueBanned', { longestPauseMs: 6_000 }, false],
    ['not calm by an old report', 'VenueBanned', { ageMs: 15_001 }, false],
  ])('is %s by %s', (_what, breaker, change, calm) => {
    expect(isVenueCalm(breaker, healthyVenue(change), RULES)).toBe(calm);
  });

  it('is not calm without a report', () => {
    expect(isVenueCalm('VenueErrors', undefined, RULES)).toBe(false);
  });
});
