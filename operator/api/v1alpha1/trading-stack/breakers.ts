import { z } from 'zod';
import { intField, percentField, positiveDecimalField } from '../fields.ts';

/**
 * Fields of `spec.risk` that stop entries by themselves. They refuse no exit, with one exception that the user chooses:
 * `onDrawdown: Halted` stops exits and stops too. Absent: no such breaker.
 */
export const breakerFields = {
  maxDailyLoss: positiveDecimalField(
    'Maximum loss of a UTC day, in the currency: from the first equity of the day, with open positions and fees. When ' +
      'it is reached, no entry is approved until the next UTC day, and the trading state is Reducing (source ' +
      'breaker-daily-loss). Booked transfers do not count.',
  ).exactOptional(),
  maxDrawdownPercent: percentField(
    'Maximum drawdown, in percent of the highest equity so far. When it is reached, no entry is approved until a ' +
      'person resets it (see docs/runbook.md), and the trading state is onDrawdown (source breaker-drawdown).',
    2,
  ).exactOptional(),
  onDrawdown: z
    .enum(['Reducing', 'Halted'])
    .meta({
      description:
        'Trading state that maxDrawdownPercent requests. Default: Reducing, which lets exits run. Halted also refuses exits and stops, until a person resets the breaker.',
    })
    .exactOptional(),
  maxSpreadPercent: percentField(
    'Maximum spread of an instrument, in percent of the mid price. Above it, no entry of the instrument is approved.',
    2,
  ).exactOptional(),
  maxMovePercent: percentField(
    'Maximum move of the mid price of an instrument within moveWindowSeconds, up or down, in percent. Beyond it, no ' +
      'entry of the instrument is approved.',
    4,
  ).exactOptional(),
  moveWindowSeconds: intField('Window of maxMovePercent, in seconds. Default: 60.', 5, 3_600).exactOptional(),
  maxFeedGaps: intField(
    'Maximum number of gaps in the feed of an instrument within feedGapWindowMinutes. With more, no entry of the ' +
      'instrument is approved. A gap is a pause longer than maxFeedAgeMs.',
    1,
    100,
  ).exactOptional(),
  feedGapWindowMinutes: intField('Window of maxFeedGaps, in minutes. Default: 10.', 1, 1_440).exactOptional(),
  maxVenueErrorPercent: percentField(
    'Maximum share of requests to the venue that fail within a minute, in percent: timeouts, server errors, broken ' +
      'connections and rate limits. Above it, with at least ten requests, no entry is approved, and the trading state ' +
      'is Reducing (source breaker-venue-errors).',
    2,
  ).exactOptional(),
  maxVenueLatencyMs: intField(
    'Maximum median time of the answers of the venue within a minute, in milliseconds. Above it, with at least ten ' +
      'answers, no entry is approved, and the trading state is Reducing (source breaker-venue-latency).',
    10,
    60_000,
  ).exactOptional(),
  maxVenuePauseSeconds: intField(
    'Maximum time in seconds for which the venue may refuse all requests (HTTP 429 or 418 with Retry-After). After a ' +
      'longer one, no entry is approved, and the trading state is Reducing (source breaker-venue-banned).',
    1,
    86_400,
  ).exactOptional(),
  breakerCoolDownSeconds: intField(
    'Time in seconds for which an instrument must stay within maxSpreadPercent, maxMovePercent and maxFeedGaps, and ' +
      'the venue within its own limits, before entries are approved again. Default: 300.',
    10,
    86_400,
  ).exactOptional(),
};
