import type { Decimal } from '../../../shared/domain/decimal.ts';
import type { Problem } from '../../../shared/domain/problem.ts';

/** Attempts to leave a position since it last became smaller. */
export interface Attempts {
  readonly count: number;
  /** Monotonic milliseconds of the last attempt, and the quantity held before it. */
  readonly atMs: number;
  readonly held: Decimal;
  /** Why the last attempt was refused, by risk or by the venue. */
  readonly refusal: Problem | undefined;
  /** Attempts in a row before the last one that were refused. */
  readonly refusedBefore: number;
  /** Client order ID of the last attempt; undefined without an order. */
  readonly orderId?: string | undefined;
  /** Why the order of the last attempt was never sent. That often passes within seconds, so the waits stay short. */
  readonly unsent?: Problem | undefined;
  /** Why the order of the attempt before was never sent: it often holds back the last one, too. */
  readonly unsentBefore?: Problem | undefined;
}

/** An order that ended without a fill. `code`: of the venue, or why execution did not send it. */
export interface RefusedOrder {
  readonly state: 'Rejected' | 'NeverSent';
  readonly code: string;
}

const FIRST_WAIT_MS = 1_000;
/** After a refusal, which a second later is often the same. */
const LONGEST_WAIT_MS = 30_000;
/** After an order that found no buyer at its price: the market moves on each second. */
const LONGEST_WAIT_UNFILLED_MS = 4_000;

/** Returns the attempts after one more. A smaller position counts as progress: the waits start again. */
export function afterAttempt(
  before: Attempts | undefined,
  attempt: Omit<Attempts, 'count' | 'refusedBefore' | 'unsentBefore'>,
): Attempts {
  if (before === undefined || attempt.held < before.held) return { ...attempt, count: 1, refusedBefore: 0 };
  const refusedBefore = before.refusal === undefined ? 0 : before.refusedBefore + 1;
  return { ...attempt, count: before.count + 1, refusedBefore, unsentBefore: before.unsent };
}

/** Returns the attempts once the order of the last one was rejected, or ended without being sent. */
export function afterRefusal(last: Attempts, { state, code }: RefusedOrder): Attempts {
  const order = `order ${last.orderId ?? ''}`;
  const of = `the last of ${last.count} attempts`;
  return state === 'Rejected'
    ? { ...last, refusal: { reason: 'ExitRejected', message: `the venue rejected ${order} with code ${code}, ${of}` } }
    : { ...last, unsent: { reason: 'ExitNotSent', message: `execution did not send ${order}: ${code}, ${of}` } };
}

/** When the next attempt to leave a position may be made, 0 for now, and what came of the last ones. */
export interface Progress {
  readonly dueInMs: number;
  /** Attempts since the position last became smaller. */
  readonly count: number;
  readonly problem: Problem | undefined;
  /** Why the newest order whose outcome is known was never sent, while it is not known whether the next one is. */
  readonly unsent?: Problem | undefined;
}

/** Returns the progress of a position at a monotonic time. `last` is undefined before the first attempt. */
export function progressOf(last: Attempts | undefined, held: Decimal, monotonicMs: number): Progress {
  if (last === undefined || held < last.held) return { dueInMs: 0, count: 0, problem: undefined };
  const waitMs =
    last.refusal === undefined
      ? Math.min(LONGEST_WAIT_UNFILLED_MS, FIRST_WAIT_MS * 2 ** (last.count - 1))
      : Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** last.refusedBefore);
  const message = `${last.count} attempts have not reduced the position`;
  const problem = last.count > 1 ? { reason: 'ExitUnfilled', message } : undefined;
  const unsent = last.unsent ?? last.unsentBefore;
  const dueInMs = Math.max(0, last.atMs + waitMs - monotonicMs);
  return { dueInMs, count: last.count, problem: last.refusal ?? last.unsent ?? problem, unsent };
}
