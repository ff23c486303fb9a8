import type { PairRefusal } from '../../../shared/domain/orders/venue-reply.ts';

/** Steps of the comparison of one instrument, in order. */
export type ComparisonStep = 'open orders' | 'orders' | 'fills';

/** Why a comparison is not complete. */
export interface ComparisonFailure {
  /** The first step that failed. */
  readonly step: ComparisonStep | 'balances' | 'clock';
  readonly problem: string;
  /** Why the venue refuses the pair; undefined when it did not answer, or the record failed. */
  readonly refusal?: PairRefusal | undefined;
  /** Whether the step did all that one run does, and the next run continues. */
  readonly continues?: boolean | undefined;
}

/** What one run learned of an instrument. */
export interface ComparisonResult {
  /** The venue returned the open orders of the instrument, and answered for each order that has not ended. */
  readonly answered: boolean;
  /** Undefined when every step succeeded. */
  readonly failure: ComparisonFailure | undefined;
}

/** What this process has learned since it holds the fence. Times are monotonic milliseconds. */
export interface Comparison extends Omit<ComparisonResult, 'failure'> {
  /** When the last complete comparison ended; undefined before the first. */
  readonly comparedMs: number | undefined;
  /** Why the last comparison is not complete, and since when none is. */
  readonly failure: (ComparisonFailure & { readonly sinceMs: number }) | undefined;
}

export const NOT_COMPARED: Comparison = { answered: false, comparedMs: undefined, failure: undefined };

/** Returns the comparison after a run that ended at `atMs`. What was learned once since the grant stays known. */
export function afterRun(before: Comparison, { answered, failure }: ComparisonResult, atMs: number): Comparison {
  return {
    answered: before.answered || answered,
    comparedMs: failure === undefined ? atMs : before.comparedMs,
    failure: failure === undefined ? undefined : { ...failure, sinceMs: before.failure?.sinceMs ?? atMs },
  };
}

const OVERDUE_INTERVALS = 4;
const OVERDUE_LEAST_MS = 30_000;

/** Returns after how many milliseconds a comparison is overdue: four intervals, and at least half a minute. */
export function overdueAfterMs(intervalMs: number): number {
  return Math.max(OVERDUE_LEAST_MS, intervalMs * OVERDUE_INTERVALS);
}

/**
 * Returns which orders an instrument takes. Exits need the venue's list of open orders and its answer for each order
 * that has not ended, once since the grant: a sale beside an order that may have been executed could sell twice.
 * Entries also need a complete comparison that is not older than `staleMs`.
 */
export function ordersTaken(
  { answered, comparedMs }: Comparison,
  { nowMs, staleMs }: { readonly nowMs: number; readonly staleMs: number },
): 'All' | 'Exits' | 'None' {
  if (!answered) return 'None';
  return comparedMs !== undefined && nowMs - comparedMs <= staleMs ? 'All' : 'Exits';
}

/** Returns the age of a comparison that lets its instrument take all orders; undefined for any other. Milliseconds. */
export function wholeAgeMs(
  comparison: Comparison,
  limits: { readonly nowMs: number; readonly staleMs: number },
): number | undefined {
  const { comparedMs } = comparison;
  return comparedMs === undefined || ordersTaken(comparison, limits) !== 'All' ? undefined : limits.nowMs - comparedMs;
}

/** Returns the comparison that an older sender completed at `comparedMs`. */
export function comparedBefore(comparedMs: number): Comparison {
  return { answered: true, comparedMs, failure: undefined };
}
