import type { RiskPolicy, Signal } from '../risk-state.ts';
import { ageRejection, type TimingRejection } from './signal-timing.ts';

/** A batch of signals, reduced to those that may act. */
export interface Conflated {
  /** The newest valid signal of each strategy and symbol. */
  readonly newest: ReadonlySet<Signal>;
  /** Number of the others, by why they are not decided. */
  readonly dropped: ReadonlyMap<TimingRejection, number>;
}

/**
 * Reduces a batch to the newest signal of each strategy and symbol, because each bar repeats the stance. Signals whose
 * age keeps them from acting are left out first, so that a bar from the future does not hide a valid one. Of two
 * signals of the same bar the first remains.
 */
export function conflate(policy: Pick<RiskPolicy, 'sizing'>, signals: readonly Signal[], nowMs: number): Conflated {
  const dropped = new Map<TimingRejection, number>();
  const drop = (reason: TimingRejection): void => void dropped.set(reason, (dropped.get(reason) ?? 0) + 1);
  const newest = new Map<string, Signal>();
  for (const signal of signals) {
    const age = ageRejection(policy, signal, nowMs);
    if (age !== undefined) {
      drop(age);
      continue;
    }
    const key = `${signal.strategy}:${signal.symbol}`;
    const other = newest.get(key);
    if (other !== undefined) drop('Superseded');
    if (other === undefined || other.barClose < signal.barClose) newest.set(key, signal);
  }
  return { newest: new Set(newest.values()), dropped };
}
