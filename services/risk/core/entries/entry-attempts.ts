import type { Decimal } from '../../../shared/domain/decimal.ts';

/** The approved entries of one stance. Kept in the record, so that a restart neither forgets nor repeats one. */
export interface EntryAttempts {
  readonly strategy: string;
  readonly symbol: string;
  /** Since when the strategy has wanted the stance, UTC milliseconds. It identifies the stance. */
  readonly changedAt: number;
  readonly count: number;
  /** When the last one was approved, UTC milliseconds. */
  readonly lastAtMs: number;
  /** Quantity of the first one, in base: what all of them together buy. */
  readonly quantity: Decimal;
}

/** Returns the entries of a stance; undefined before the first. */
export function attemptsOf(
  attempts: readonly EntryAttempts[],
  { strategy, symbol, changedAt }: Pick<EntryAttempts, 'strategy' | 'symbol' | 'changedAt'>,
): EntryAttempts | undefined {
  return attempts.find((one) => one.strategy === strategy && one.symbol === symbol && one.changedAt === changedAt);
}
