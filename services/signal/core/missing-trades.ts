import { FUTURE_MS, type Bar, type BarBuilder, type BarTrade } from './bars.ts';

/** The closed bars of a symbol, oldest first, and the builder of the next. */
export interface BarsAndBuilder {
  readonly bars: Bar[];
  readonly builder: BarBuilder;
  readonly barMs: number;
}

/** The builder before a trade. */
export interface BuilderView {
  /** End of the open bar; undefined while none is open. */
  readonly openUntil: number | undefined;
  readonly dropped: number;
}

/**
 * Marks the bars that lack trades, after `trade` was taken and the bars that it closes have been decided on: a clock
 * may have closed them before, and a replay without one must come to the same stances. `isGap`: trades are missing
 * right before this one. They belong to the bar of the trade before it, to its own, or to a period between, which has
 * no bar.
 */
export function markMissing(
  series: BarsAndBuilder,
  { trade, isGap, before }: { readonly trade: BarTrade; readonly isGap: boolean; readonly before: BuilderView },
): void {
  const { builder } = series;
  const isFuture = trade.time > trade.receivedAt + FUTURE_MS;
  if (builder.dropped > before.dropped && !isFuture) markLate(series, trade);
  if (!isGap) return;
  if (before.openUntil === undefined || before.openUntil !== builder.openUntil)
    mark(series.bars, series.bars.length - 1);
  builder.markOpen();
}

/**
 * A trade that came too late for its bar. The bar does not change, so it is wrong when the trade would have changed it.
 * A copy of a trade that it has changes nothing. A trade of a period without a bar is missing in the next bar.
 */
function markLate({ bars, builder, barMs }: BarsAndBuilder, { price, time }: BarTrade): void {
  const closeTime = Math.floor(time / barMs) * barMs + barMs;
  const index = bars.findIndex((bar) => bar.closeTime >= closeTime);
  const bar = bars[index];
  if (bar === undefined) builder.markOpen();
  else if (bar.closeTime > closeTime || changes(bar, price, time)) mark(bars, index);
}

function changes({ high, low, close, lastTradeAt }: Bar, price: Bar['close'], time: number): boolean {
  return price > high || price < low || (time > lastTradeAt && price !== close);
}

function mark(bars: Bar[], index: number): void {
  const bar = bars[index];
  if (bar !== undefined) bars[index] = { ...bar, incomplete: true };
}
