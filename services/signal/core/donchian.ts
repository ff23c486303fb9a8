import type { Bar } from './bars.ts';
import type { Stance } from '../../shared/domain/stance.ts';

export interface DonchianRule {
  readonly entryBars: number;
  readonly exitBars: number;
}

/** Number of bars needed for a decision: the longer channel and the bar compared with it. */
export function donchianWindow({ entryBars, exitBars }: DonchianRule): number {
  return Math.max(entryBars, exitBars) + 1;
}

/**
 * Donchian channel breakout, long or flat. The newest bar's close is compared with the channel of the bars before it,
 * which excludes that bar: above every high of the last `entryBars` is Long, below every low of the last `exitBars` is
 * Flat, in between the stance stays. `bars` are closed, oldest first, at least `donchianWindow` of them. (R. Donchian's
 * four-week rule, with a shorter exit channel as in the Turtle rules.)
 */
export function donchianStance({ entryBars, exitBars }: DonchianRule, bars: readonly Bar[], stance: Stance): Stance {
  const newest = bars.at(-1);
  if (newest === undefined) return stance;
  const before = bars.slice(0, -1);
  if (stance === 'Flat') return before.slice(-entryBars).every((bar) => newest.close > bar.high) ? 'Long' : 'Flat';
  return before.slice(-exitBars).every((bar) => newest.close < bar.low) ? 'Flat' : 'Long';
}
