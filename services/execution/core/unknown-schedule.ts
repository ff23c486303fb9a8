/** Bounds within which a signed request can still be accepted and then be invisible. Milliseconds. */
export interface VisibilityRules {
  /** The venue refuses the request when it is older. */
  readonly recvWindowMs: number;
  /** Bound on the difference between the clocks. */
  readonly skewBoundMs: number;
  /** How far a timestamp may be ahead of the venue's clock. */
  readonly acceptedAheadMs: number;
  /** How long an accepted order may be missing in answers to queries. */
  readonly visibilityMs: number;
}

/** Questions about an order whose outcome is unknown. Times are monotonic milliseconds: a jump of the wall clock concludes nothing. */
export interface Inquiry {
  /** The request was signed then or before: since when this process has held the order. */
  readonly signedBy: number;
  /** Answers "no such order" so far, and those of them whose question was asked after the horizon. */
  readonly absent: number;
  readonly absentAfterHorizon: number;
  readonly asked: number;
  readonly lastAskedAt: number;
  /** Whether the last answer was one of them: a rate limit or a lost reply is not. */
  readonly lastAbsent: boolean;
}

/** Answers "no such order" in all, and after the horizon, that a conclusion needs. */
const ABSENT_ANSWERS = 3;
const ABSENT_AFTER_HORIZON = 2;
const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5_000;
const CONFIRM_DELAY_MS = 250;

/** From then on nothing that was signed by `signedBy` can be accepted any more, and what was accepted is visible. */
export function horizonOf(signedBy: number, rules: VisibilityRules): number {
  return signedBy + acceptableForMs(rules) + rules.visibilityMs;
}

/**
 * How long after its signing a request may still be accepted, by a clock that cannot jump: its window, and what the signer's clock may have been ahead of the
 * venue's, which is what the venue tolerates wherever our own bound is narrower.
 */
export function acceptableForMs(rules: Omit<VisibilityRules, 'visibilityMs'>): number {
  return rules.recvWindowMs + Math.max(rules.skewBoundMs, rules.acceptedAheadMs);
}

export function newInquiry(signedBy: number): Inquiry {
  return { signedBy, absent: 0, absentAfterHorizon: 0, asked: 0, lastAskedAt: 0, lastAbsent: false };
}

/**
 * When to ask next: delays double from 100 ms to 5 s. A question falls right behind the horizon, from where on answers count, and the one that may
 * settle it follows soon, unless the venue has stopped answering.
 */
export function nextAskAt(inquiry: Inquiry, rules: VisibilityRules): number {
  const { asked, lastAskedAt, signedBy, absentAfterHorizon, lastAbsent } = inquiry;
  if (asked === 0) return 0;
  if (absentAfterHorizon > 0 && lastAbsent) return lastAskedAt + CONFIRM_DELAY_MS;
  const next = lastAskedAt + Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(asked - 1, 20));
  const behind = horizonOf(signedBy, rules) + 1;
  return lastAskedAt < behind ? Math.min(next, behind) : next;
}

/** The inquiry after a question asked at `askedAt`; only an answer "no such order" counts as one. */
export function afterAsking(inquiry: Inquiry, askedAt: number, absent: boolean, rules: VisibilityRules): Inquiry {
  const late = absent && askedAt > horizonOf(inquiry.signedBy, rules);
  return {
    ...inquiry,
    asked: inquiry.asked + 1,
    lastAskedAt: askedAt,
    lastAbsent: absent,
    absent: inquiry.absent + (absent ? 1 : 0),
    absentAfterHorizon: inquiry.absentAfterHorizon + (late ? 1 : 0),
  };
}

/** Whether the order was certainly never taken: only after the horizon, and after several absent answers. */
export function mayConclude({ absent, absentAfterHorizon }: Inquiry): boolean {
  return absent >= ABSENT_ANSWERS && absentAfterHorizon >= ABSENT_AFTER_HORIZON;
}
