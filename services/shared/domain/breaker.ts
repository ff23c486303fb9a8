/** Breakers of the whole account, and breakers of one instrument. The name is the code of their refusals. */
export const ACCOUNT_BREAKERS = ['DailyLoss', 'Drawdown'] as const;
export const INSTRUMENT_BREAKERS = ['WideSpread', 'PriceMove', 'FeedGaps'] as const;
export const BREAKERS = [...ACCOUNT_BREAKERS, ...INSTRUMENT_BREAKERS] as const;
export type AccountBreaker = (typeof ACCOUNT_BREAKERS)[number];
export type BreakerCode = (typeof BREAKERS)[number];

export function isAccountBreaker(code: BreakerCode): code is AccountBreaker {
  return (ACCOUNT_BREAKERS as readonly string[]).includes(code);
}
