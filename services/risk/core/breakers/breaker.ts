import type { BreakerCode } from '../../../shared/domain/breaker.ts';
import type { Decimal } from '../../../shared/domain/decimal.ts';
import type { Inputs } from '../checks/check-outcome.ts';

/** A limit that is reached, with the numbers that it was judged by. */
export interface Breach {
  readonly breaker: BreakerCode;
  /** The instrument; empty for a breaker that concerns every instrument. */
  readonly symbol: string;
  /** The limit of the settings. */
  readonly threshold: string;
  /** For people: what reached which limit. */
  readonly detail: string;
  readonly inputs: Inputs;
}

/** A breaker that has tripped and not left yet. It refuses entries, and no exit. */
export interface TrippedBreaker extends Breach {
  /** UTC milliseconds. Distinguishes this trip from a later one. */
  readonly trippedAtMs: number;
}

/** A person's request to leave the drawdown breaker: the row `risk.breaker_resets`. */
export interface BreakerReset {
  readonly id: string;
  readonly author: string;
  readonly reason: string;
}

/** What a breaker has stored of the value of the account. All amounts are in `currency`. */
export interface EquityRecord {
  /** Grows with each write, so that of two processes only one moves the baselines. */
  readonly revision: number;
  readonly currency: string;
  /** The assets that are valued, sorted. */
  readonly assets: readonly string[];
  /** Newest confirmed equity. */
  readonly equity: Decimal;
  /** Start of the UTC day that `dayStart` is of, UTC milliseconds. */
  readonly dayMs: number;
  /** First equity of the day, moved by transfers since. */
  readonly dayStart: Decimal;
  /** Highest equity, scaled by transfers since. */
  readonly peak: Decimal;
  /** Booked transfers that `dayStart` and `peak` contain, by asset. */
  readonly transfers: ReadonlyMap<string, Decimal>;
  /** Fees that they contain, by asset. Those in an asset that is not valued were paid before them. */
  readonly fees: ReadonlyMap<string, Decimal>;
  /** What one unit of each valued asset was last worth, by fresh books. Empty if a release without them wrote last. */
  readonly rates: ReadonlyMap<string, Decimal>;
}
