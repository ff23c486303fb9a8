import { maximum, minimum, type Decimal } from '../../../shared/domain/decimal.ts';

/** The best bid of a book, and when ws last knew the book to be the venue's, UTC milliseconds. */
export interface ObservableBook {
  readonly version: string;
  readonly bid: Decimal | undefined;
  readonly receivedAt: number;
}

/** The best bid as last observed, and as observed before. */
export interface ObservedBid {
  readonly version: string;
  readonly bid: Decimal;
  /** `receivedAt` of the book that counted as the last observation, and of the last book received. */
  readonly observedMs: number;
  readonly receivedMs: number;
  /** The observation before; undefined when the last one does not follow on another one. */
  readonly previous: Pick<ObservedBid, 'bid' | 'observedMs'> | undefined;
}

/** A book that does not change counts as a second observation when the venue confirms it after this time. */
const STANDING_MS = 1_000;

/**
 * Adds a book to what is observed of a bid. A second observation is a changed book, or the same book confirmed a second
 * later: the mere repetition of a bad print is none. A book without a bid ends the sequence, and so does a pause in
 * which the last book became too old to act on.
 */
export function observeBid(
  before: ObservedBid | undefined,
  { version, bid, receivedAt }: ObservableBook,
  maxFeedAgeMs: number,
): ObservedBid | undefined {
  if (bid === undefined) return undefined;
  const first = { version, bid, observedMs: receivedAt, receivedMs: receivedAt, previous: undefined };
  if (before === undefined) return first;
  const pauseMs = receivedAt - before.receivedMs;
  // The clock of ws was set back, or its successor has another one: nothing is known about the time between the two.
  if (pauseMs < 0 || pauseMs > maxFeedAgeMs) return first;
  const isSame = version === before.version && bid === before.bid;
  if (isSame && receivedAt - before.observedMs < STANDING_MS) return { ...before, receivedMs: receivedAt };
  return { ...first, previous: { bid: before.bid, observedMs: before.observedMs } };
}

/** The lower and the higher one of two consecutive bids. What holds for both does not rest on one bad print. */
export interface ConfirmedBids {
  readonly low: Decimal;
  readonly high: Decimal;
}

/**
 * Returns the last two bids; undefined while there are not two, and when the last one is too old to act on. Both must
 * have been observed since the position was opened: what the market was before says nothing about it. An opening in the
 * future, after our clock was set back, limits nothing.
 */
export function confirmedBids(
  observed: ObservedBid | undefined,
  { openedAtMs, nowMs, maxFeedAgeMs }: { openedAtMs: number; nowMs: number; maxFeedAgeMs: number },
): ConfirmedBids | undefined {
  if (observed?.previous === undefined || nowMs - observed.receivedMs > maxFeedAgeMs) return undefined;
  const { bid, previous } = observed;
  if (openedAtMs <= nowMs && previous.observedMs < openedAtMs) return undefined;
  return { low: minimum(bid, previous.bid), high: maximum(bid, previous.bid) };
}
