import { formatDecimal, parseDecimal, type Decimal } from '../../../shared/domain/decimal.ts';
import type { BreakerRules } from './account-breaches.ts';
import type { Breach } from './breaker.ts';
import { middleOf } from './confirmed.ts';
import type { InstrumentSeries } from './instrument-series.ts';

const HUNDRED = parseDecimal('100');
/** Default windows and cool-down of the settings. */
export const MOVE_WINDOW_SECONDS = 60;
export const GAP_WINDOW_MINUTES = 10;
export const COOL_DOWN_SECONDS = 300;

/** Returns the limits that an instrument has reached, by what three books confirm. */
export function instrumentBreaches(symbol: string, series: InstrumentSeries, rules: BreakerRules): readonly Breach[] {
  return [wideSpread(symbol, series, rules), priceMove(symbol, series, rules), feedGaps(symbol, series, rules)].filter(
    (breach) => breach !== undefined,
  );
}

/** Returns the breach of the spread of one book; undefined while the limit is not reached, or none is set. */
export function spreadBreach(
  symbol: string,
  { spread, mid }: { readonly spread: Decimal; readonly mid: Decimal },
  { maxSpreadPercent: limit }: BreakerRules,
): Breach | undefined {
  if (limit === undefined || mid <= 0n || spread * HUNDRED <= limit * mid) return undefined;
  const percent = percentText(spread, mid);
  const threshold = formatDecimal(limit);
  return {
    breaker: 'WideSpread',
    symbol,
    threshold,
    detail: `the spread of ${symbol} is ${percent} %, risk.maxSpreadPercent is ${threshold}`,
    inputs: { spreadPercent: percent, mid: formatDecimal(mid) },
  };
}

function wideSpread(symbol: string, { books }: InstrumentSeries, rules: BreakerRules): Breach | undefined {
  const spread = middleOf(books.map((book) => book.spread));
  const mid = middleOf(books.map((book) => book.mid));
  return spread === undefined || mid === undefined ? undefined : spreadBreach(symbol, { spread, mid }, rules);
}

function priceMove(symbol: string, { mids }: InstrumentSeries, rules: BreakerRules): Breach | undefined {
  const { maxMovePercent: limit, moveWindowSeconds = MOVE_WINDOW_SECONDS } = rules;
  const mid = mids.at(-1)?.mid;
  if (limit === undefined || mid === undefined) return undefined;
  const distance = (from: Decimal): bigint => (mid > from ? mid - from : from - mid);
  const far = mids.find((one) => distance(one.mid) * HUNDRED > limit * one.mid);
  if (far === undefined) return undefined;
  const percent = percentText(distance(far.mid), far.mid);
  const threshold = formatDecimal(limit);
  return {
    breaker: 'PriceMove',
    symbol,
    threshold,
    detail: `${symbol} moved by ${percent} % within ${moveWindowSeconds} s, risk.maxMovePercent is ${threshold}`,
    inputs: { from: formatDecimal(far.mid), to: formatDecimal(mid), movePercent: percent, moveWindowSeconds },
  };
}

function feedGaps(symbol: string, { gaps }: InstrumentSeries, rules: BreakerRules): Breach | undefined {
  const { maxFeedGaps: limit, feedGapWindowMinutes = GAP_WINDOW_MINUTES } = rules;
  if (limit === undefined || gaps.length <= limit) return undefined;
  return {
    breaker: 'FeedGaps',
    symbol,
    threshold: String(limit),
    detail: `the feed of ${symbol} had ${gaps.length} gaps within ${feedGapWindowMinutes} min, risk.maxFeedGaps is ${limit}`,
    inputs: { feedGaps: gaps.length, feedGapWindowMinutes },
  };
}

function percentText(part: bigint, whole: bigint): string {
  return formatDecimal(((part * HUNDRED) / whole) as Decimal);
}
