/** What the sender knows of an approval that has no row. Times in milliseconds. */
export interface ApprovalFacts {
  /** UTC time, and the last one at which the order may be sent. */
  readonly nowMs: number;
  readonly deadlineMs: number;
  /** Until when the order rests, if it has been sent, UTC. */
  readonly restsUntilMs: number;
  /** When risk decided, UTC. */
  readonly decidedAtMs: number;
  /** The approval was found in the database, instead of being announced by the stream. */
  readonly swept: boolean;
  /** This process has sent the order, or tried to. */
  readonly sent: boolean;
  /** Risk decided before this process was granted the fence, see predates-grant.ts. */
  readonly predatesGrant: boolean;
  /** Risk surely decided after it, whatever the clocks: no other process can have sent the order. */
  readonly followsGrant: boolean;
  /** The record may have lost commits before the grant. */
  readonly recordWentBack: boolean;
  /** The venue's answer to a query for the order; undefined when it has not been asked. */
  readonly answer: VenueAnswer | undefined;
  /**
   * No request for this order that was sent earlier can still be on its way to the venue, or hidden there: now, or when
   * the query was sent.
   */
  readonly absenceIsFinal: boolean;
}

/** NoAnswer: the venue did not answer, or answered with something that says nothing about the order. */
export type VenueAnswer = 'Found' | 'Absent' | 'NoAnswer';

/**
 * Ask: query the venue by the client order ID first. Adopt: the venue has the order, so make its row. Send: hand the
 * order to admission. End: make a row that is never sent. Hold: offer the approval again later.
 */
export type ApprovalStep =
  | { readonly kind: 'Ask' | 'Adopt' | 'Send' | 'Hold' }
  | { readonly kind: 'End'; readonly reason: ApprovalEnd };

/**
 * Expired leaves it to admission to name what the order waited for. Unprocessable: the order cannot be recorded except
 * as one that is never sent.
 */
export type ApprovalEnd = 'Expired' | 'NeverArrived' | 'RecordWentBack' | 'Unprocessable';

/** A decision of this age, or older, should have an order: when it has none, the record may have lost it. */
const FRESH_MS = 1_000;
/**
 * A decision of this age, or newer, is in the memory of what this process has sent, if it has (orders/sent-orders.ts).
 */
const REMEMBERED_MS = 60_000;
/**
 * An approval whose order would have ended longer ago than this is ended without a query, so that a backlog cannot
 * flood the venue.
 */
const ASK_EXPIRED_MS = 600_000;

/**
 * Decides what happens with an approval that has no row. A database that fails over or is restored may have lost the
 * row of an order that was sent, while the approval, committed earlier, is still there. So only a fresh approval is
 * sent without a question, or one that nobody but this process can have sent, and an order that this process has sent
 * is never sent again.
 *
 * After a takeover many approvals wait. Those that followed the grant go at once. The venue is not asked for the others
 * before its answer would settle anything: the queries would use up what the first reconcile and the exits need.
 */
export function planApproval(facts: ApprovalFacts): ApprovalStep {
  if (facts.answer === undefined) return beforeAnswer(facts);
  if (facts.answer === 'Found') return { kind: 'Adopt' };
  if (facts.sent) return afterSending(facts);
  return facts.answer === 'Absent' ? whenAbsent(facts) : whenSilent(facts);
}

function beforeAnswer(facts: ApprovalFacts): ApprovalStep {
  return facts.sent ? { kind: 'Ask' } : beforeSending(facts);
}

function beforeSending(facts: ApprovalFacts): ApprovalStep {
  const { nowMs, deadlineMs, restsUntilMs, predatesGrant, recordWentBack, absenceIsFinal } = facts;
  const expiredMs = nowMs - deadlineMs;
  if (isOurs(facts)) return expiredMs > 0 ? ended('Expired') : { kind: 'Send' };
  if (isFresh(facts)) return { kind: 'Send' };
  if (predatesGrant && !absenceIsFinal && expiredMs <= 0) return { kind: 'Hold' };
  return nowMs - restsUntilMs > ASK_EXPIRED_MS && !recordWentBack ? ended('Expired') : { kind: 'Ask' };
}

/** A time far ahead comes from another clock, and says nothing about the age. */
function isFresh({ nowMs, decidedAtMs, swept, predatesGrant }: ApprovalFacts): boolean {
  return !swept && !predatesGrant && Math.abs(nowMs - decidedAtMs) <= FRESH_MS;
}

/** Only this process can have sent it, and would remember. */
function isOurs({ nowMs, decidedAtMs, followsGrant, recordWentBack }: ApprovalFacts): boolean {
  const ageMs = nowMs - decidedAtMs;
  return followsGrant && !recordWentBack && ageMs >= -FRESH_MS && ageMs <= REMEMBERED_MS;
}

/** The outcome of an order that was sent is unknown until the venue answers for it. */
function afterSending({ answer, absenceIsFinal, nowMs, deadlineMs }: ApprovalFacts): ApprovalStep {
  return answer === 'Absent' && absenceIsFinal && nowMs > deadlineMs ? ended('NeverArrived') : { kind: 'Hold' };
}

function whenAbsent(facts: ApprovalFacts): ApprovalStep {
  const { predatesGrant, recordWentBack, absenceIsFinal, nowMs, deadlineMs } = facts;
  const doubtful = predatesGrant && recordWentBack;
  // A row is committed before its order is sent: without a row, and without a loss, the order was never sent.
  if (nowMs > deadlineMs && !doubtful) return ended('Expired');
  if (predatesGrant && !absenceIsFinal) return { kind: 'Hold' };
  return doubtful ? ended('RecordWentBack') : { kind: 'Send' };
}

function whenSilent({ nowMs, deadlineMs }: ApprovalFacts): ApprovalStep {
  return nowMs > deadlineMs ? ended('Expired') : { kind: 'Hold' };
}

function ended(reason: ApprovalEnd): ApprovalStep {
  return { kind: 'End', reason };
}
