import type { Stance } from '../../shared/domain/stance.ts';

/**
 * Stance of a strategy in a symbol, kept so that signal resumes with it after a restart. Times are UTC milliseconds.
 */
export interface StanceRecord {
  readonly strategy: string;
  readonly symbol: string;
  readonly stance: Stance;
  readonly changedAt: number;
  readonly barClose: number;
  /** Fingerprint of the strategy's rule: a stance of another rule is not resumed. */
  readonly fingerprint: string;
}
