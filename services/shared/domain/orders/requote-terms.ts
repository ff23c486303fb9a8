import type { Decimal } from '../decimal.ts';

/**
 * When a resting buy is cancelled, so that the next one can be placed nearer to the market: while the best bid is above
 * a price, from a time until another. UTC milliseconds; the end is exclusive.
 */
export interface RequoteTerms {
  readonly above: Decimal;
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Whether the market has left an order with these terms behind. An unknown best bid leaves none behind. */
export function isOutbid({ above, fromMs, untilMs }: RequoteTerms, bid: Decimal | undefined, nowMs: number): boolean {
  return bid !== undefined && bid > above && nowMs >= fromMs && nowMs < untilMs;
}
