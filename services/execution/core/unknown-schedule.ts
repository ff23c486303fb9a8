/** How long a signed request can still be accepted, and an accepted order stay invisible. Milliseconds. */
export interface VisibilityRules {
  /** The venue rejects a request that is older than this. */
  readonly recvWindowMs: number;
  /** Bound on the difference between the clocks. */
  readonly skewBoundMs: number;
  /** How far a timestamp may be ahead of the venue's clock. */
  readonly acceptedAheadMs: number;
  /** How long an accepted order may be missing from query results. */
  readonly visibilityMs: number;
}

/**
 * Queries for an order whose outcome is unknown. Times are monotonic milliseconds, so that a jump of the wall clock has
 * no effect.
 */
export interface Inquiry {
  /** When this process first held the order. The request was signed at this time or earlier. */
  readonly signedByMs: number;
  /** Number of "no such order" replies, and of those to queries sent after the horizon. */
  readonly absent: number;
  readonly absentAfterHorizon: number;
  /** Number of queries. */
  readonly queries: number;
  readonly lastQueriedAtMs: number;
  /** Whether the last reply was "no such order"; a rate limit or a lost reply is not. */
  readonly lastAbsent: boolean;
}

/** "No such order" replies that a conclusion requires: in total, and after the horizon. */
const ABSENT_REPLIES = 3;
const ABSENT_AFTER_HORIZON = 2;
const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5_000;
const CONFIRM_DELAY_MS = 250;

/**
 * Returns the time after which no request signed at or before `signedByMs` can be accepted, and every accepted order is
 * visible.
 */
export function horizonOf(signedByMs: number, rules: VisibilityRules): number {
  return signedByMs + acceptableForMs(rules) + rules.visibilityMs;
}

/**
 * Returns for how long after signing a request may still be accepted, on a clock that cannot jump: its window plus the
 * time by which the signer's clock may be ahead of the venue's. The latter is at least what the venue tolerates, even
 * when our own bound is narrower.
 */
export function acceptableForMs(rules: Omit<VisibilityRules, 'visibilityMs'>): number {
  return rules.recvWindowMs + Math.max(rules.skewBoundMs, rules.acceptedAheadMs);
}

export function newInquiry(signedByMs: number): Inquiry {
  return { signedByMs, absent: 0, absentAfterHorizon: 0, queries: 0, lastQueriedAtMs: 0, lastAbsent: false };
}

/**
 * Returns when to query next. Delays double from 100 ms to 5 s. One query is sent right after the horizon, from which
 * on replies count. The query that may decide follows soon after, unless the venue has stopped answering.
 */
export function nextQueryMs(inquiry: Inquiry, rules: VisibilityRules): number {
  const { queries, lastQueriedAtMs, signedByMs, absentAfterHorizon, lastAbsent } = inquiry;
  if (queries === 0) return 0;
  if (absentAfterHorizon > 0 && lastAbsent) return lastQueriedAtMs + CONFIRM_DELAY_MS;
  const next = lastQueriedAtMs + Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(queries - 1, 20));
  const afterHorizon = horizonOf(signedByMs, rules) + 1;
  return lastQueriedAtMs < afterHorizon ? Math.min(next, afterHorizon) : next;
}

/** Returns the inquiry after a query sent at `queriedAtMs`. `absent`: the reply was "no such order". */
export function afterQuery(inquiry: Inquiry, queriedAtMs: number, absent: boolean, rules: VisibilityRules): Inquiry {
  const late = absent && queriedAtMs > horizonOf(inquiry.signedByMs, rules);
  return {
    ...inquiry,
    queries: inquiry.queries + 1,
    lastQueriedAtMs: queriedAtMs,
    lastAbsent: absent,
    absent: inquiry.absent + (absent ? 1 : 0),
    absentAfterHorizon: inquiry.absentAfterHorizon + (late ? 1 : 0),
  };
}

/**
 * Whether the venue certainly never accepted the order: only after the horizon, and after several "no such order"
 * replies.
 */
export function mayConclude({ absent, absentAfterHorizon }: Inquiry): boolean {
  return absent >= ABSENT_REPLIES && absentAfterHorizon >= ABSENT_AFTER_HORIZON;
}
