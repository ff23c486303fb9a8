import type { Decimal } from '../../shared/domain/decimal.ts';
import type { Bar } from './bars.ts';
import { ema, emaWindow } from './ema.ts';
import type { Stance } from '../../shared/domain/stance.ts';

export interface EmaCrossRule {
  readonly fastBars: number;
  readonly slowBars: number;
}

/** Number of bars that a decision uses: those of the slower average, and one more to detect the crossing. */
export function emaCrossWindow({ fastBars, slowBars }: EmaCrossRule): number {
  return emaWindow(Math.max(fastBars, slowBars)) + 1;
}

/** Number of bars needed before the first decision. */
export function emaCrossWarmUp({ fastBars, slowBars }: EmaCrossRule): number {
  return Math.max(fastBars, slowBars) + 1;
}

/**
 * Crossing of two exponential moving averages of the close, long or flat: Long at the bar where the fast one crosses
 * above the slow one, Flat at any bar where it is below. A fast average that is above from the start is not a crossing:
 * the move began at an unknown time. `bars` are closed, oldest first, at least `emaCrossWarmUp` of them.
 */
export function emaCrossStance(rule: EmaCrossRule, bars: readonly Bar[], stance: Stance): Stance {
  const closes = bars.map((bar) => bar.close);
  const now = spread(rule, closes);
  const before = spread(rule, closes.slice(0, -1));
  if (now === undefined || before === undefined) return stance;
  if (stance === 'Flat') return now > 0n && before <= 0n ? 'Long' : 'Flat';
  return now < 0n ? 'Flat' : 'Long';
}

/** Fast average minus slow average. */
function spread({ fastBars, slowBars }: EmaCrossRule, closes: readonly Decimal[]): bigint | undefined {
  const fast = ema(closes, fastBars);
  const slow = ema(closes, slowBars);
  return fast === undefined || slow === undefined ? undefined : fast - slow;
}
