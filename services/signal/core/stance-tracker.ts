import { formatDecimal } from '../../shared/domain/decimal.ts';
import type { StanceRecord } from './stance-record.ts';
import type { SignalPayload } from '../../shared/contracts/messages/signal.ts';
import type { Bar, PeriodEnd } from './bars.ts';
import type { Stance } from '../../shared/domain/stance.ts';
import type { Strategy } from './strategy.ts';

/**
 * Tracks the stance of one strategy on one instrument, bar by bar. States: warming (no stance, no signals) until the
 * strategy has enough bars or a stance was restored. From then on it always has a stance.
 */
export interface StanceTracker {
  /**
   * Returns the signal at the end of a period, or undefined while warming. `bars` end with the period's own bar when it
   * had one.
   */
  onPeriodEnd(end: PeriodEnd, bars: readonly Bar[]): SignalPayload | undefined;
  /** Restores the stance of the previous run. Ignored when the rule has changed since. */
  restore(record: StanceRecord): void;
  record(): StanceRecord | undefined;
}

interface Held {
  readonly stance: Stance;
  readonly changedAt: number;
  /** The end of the newest period that the stance holds for. */
  readonly barClose: number;
}

export function createStanceTracker(strategy: Strategy, symbol: string, release: string): StanceTracker {
  let held: Held | undefined;

  const decide = (closeTime: number, bars: readonly Bar[]): Held | undefined => {
    if (bars.length < strategy.warmUp) return held === undefined ? undefined : { ...held, barClose: closeTime };
    const stance = stanceOn(bars);
    const changedAt = held !== undefined && held.stance === stance ? held.changedAt : closeTime;
    return { stance, changedAt, barClose: closeTime };
  };

  /**
   * A bar that lacks trades has too low a high or too high a low, so a breakout may be false. It opens no position
   * while it is among the bars that the strategy needs; leaving one takes no risk, so that stays allowed.
   */
  const stanceOn = (bars: readonly Bar[]): Stance => {
    const before = held?.stance ?? 'Flat';
    const stance = strategy.decide(bars, before);
    const opens = stance === 'Long' && before === 'Flat';
    return opens && incompleteBars(strategy, bars) > 0 ? before : stance;
  };

  return {
    onPeriodEnd: (end, bars) => {
      const closeTime = end.kind === 'bar' ? end.bar.closeTime : end.closeTime;
      // Replayed history from before the restored stance: the previous run has published these signals already.
      if (held !== undefined && closeTime <= held.barClose) return undefined;
      if (end.kind === 'bar') held = decide(closeTime, bars);
      else if (held !== undefined) held = { ...held, barClose: closeTime };
      if (held === undefined) return undefined;
      const close = end.kind === 'bar' ? end.bar.close : end.close;
      return {
        id: `${strategy.name}:${symbol}:${closeTime}`,
        strategy: strategy.name,
        symbol,
        stance: held.stance,
        changedAt: held.changedAt,
        barClose: closeTime,
        referencePrice: formatDecimal(close),
        release,
      };
    },
    restore: (record) => {
      if (record.fingerprint !== strategy.fingerprint) return;
      held = { stance: record.stance, changedAt: record.changedAt, barClose: record.barClose };
    },
    record: () =>
      held === undefined ? undefined : { ...held, strategy: strategy.name, symbol, fingerprint: strategy.fingerprint },
  };
}

/** Returns how many of the bars that the strategy needs lack trades. */
export function incompleteBars({ warmUp }: Pick<Strategy, 'warmUp'>, bars: readonly Bar[]): number {
  return bars.slice(-warmUp).filter(({ incomplete }) => incomplete).length;
}
