/**
 * Breakers of the whole account by its value, breakers by the answers of the venue, and breakers of one instrument. The
 * name is the code of their refusals.
 */
export const ACCOUNT_BREAKERS = ['DailyLoss', 'Drawdown'] as const;
export const VENUE_BREAKERS = ['VenueErrors', 'VenueLatency', 'VenueBanned'] as const;
export const INSTRUMENT_BREAKERS = ['WideSpread', 'PriceMove', 'FeedGaps'] as const;
export const BREAKERS = [...ACCOUNT_BREAKERS, ...VENUE_BREAKERS, ...INSTRUMENT_BREAKERS] as const;
export type BreakerCode = (typeof BREAKERS)[number];
export type InstrumentBreaker = (typeof INSTRUMENT_BREAKERS)[number];
/** Breakers that concern every instrument. Each requests a trading state. */
export type StackBreaker = Exclude<BreakerCode, InstrumentBreaker>;

export function isInstrumentBreaker(code: BreakerCode): code is InstrumentBreaker {
  return (INSTRUMENT_BREAKERS as readonly string[]).includes(code);
}
