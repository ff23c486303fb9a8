import type { Decimal } from '../../../shared/domain/decimal.ts';
import type { Problem } from '../../../shared/domain/problem.ts';

/** Attempts to leave a position since it last became smaller. */
export interface Attempts {
  readonly count: number;
  /** Monotonic milliseconds of the last attempt, and the quantity held before it. */
  readonly atMs: number;
  readonly held: Decimal;
  /** Why risk refused the last attempt. */
  readonly refusal: Problem | undefined;
}

const FIRST_WAIT_MS = 1_000;
/** After a refusal, which a second later is often the same. */
const LONGEST_WAIT_MS = 30_000;
/** After an order that found nobody at its price: the market moves on each second. */
const LONGEST_WAIT_UNFILLED_MS = 4_000;

/** Returns the attempts after one more. A smaller position counts as progress: the waits start again. */
export function afterAttempt(before: Attempts | undefined, attempt: Omit<Attempts, 'count'>): Attempts {
  const progressed = before === undefined || attempt.held < before.held;
  return { ...attempt, count: progressed ? 1 : before.count + 1 };
}

/** When the next attempt to leave a position may be made, 0 for now, and what came of the last ones. */
export interface Progress {
  readonly dueInMs: number;
  /** Attempts since the position last became smaller. */
  readonly count: number;
  readonly problem: Problem | undefined;
}

/** Returns the progress of a position at a monotonic time. `last` is undefined before the first attempt. */
export function progressOf(last: Attempts | undefined, held: Decimal, monotonicMs: number): Progress {
  if (last === undefined || held < last.held) return { dueInMs: 0, count: 0, problem: undefined };
  const longestMs = last.refusal === undefined ? LONGEST_WAIT_UNFILLED_MS : LONGEST_WAIT_MS;
  const waitMs = Math.min(longestMs, FIRST_WAIT_MS * 2 ** (last.count - 1));
  const message = `${last.count} attempts have not reduced the position`;
  const problem = last.count > 1 ? { reason: 'ExitUnfilled', message } : undefined;
  const dueInMs = Math.max(0, last.atMs + waitMs - monotonicMs);
  return { dueInMs, count: last.count, problem: last.refusal ?? problem };
}
