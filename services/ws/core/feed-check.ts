import type { CHECK_REASONS } from '../../shared/contracts/reasons/checks.ts';
import { foldPairProblems, type PairProblem } from '../../shared/domain/pair-problems.ts';
import { notReady, ready, type ReadinessResult } from './readiness-result.ts';

/** One symbol's feed; ages in milliseconds on the monotonic clock. */
export interface FeedView {
  readonly symbol: string;
  /** Since the book was last known to be current, or since the subscription when it never was. */
  readonly depthAgeMs: number;
  readonly depthReceived: boolean;
  /** Whether the book is in sync with the venue. */
  readonly synced: boolean;
  /** Why a level of the book does not fit the steps of the venue's list; empty if all fit. */
  readonly offStep: string;
  /**
   * Since the last trade; null before the first. Reported only: quiet markets trade rarely, so it never fails the
   * check.
   */
  readonly tradeAgeMs: number | null;
}

/**
 * Checks the feed of each symbol: a synchronized book that was current within `maxFeedAgeMs`. Trades prove freshness
 * neither way, and pongs do not count. Fails when no symbol is fresh; while some are, it passes with the reason of the
 * first that is not.
 */
export function checkFeeds(feeds: readonly FeedView[], maxFeedAgeMs: number): ReadinessResult {
  if (feeds.length === 0) {
    return notReady('FeedStale', 'no symbol is subscribed: see the check "instruments"');
  }
  const problems = feedProblems(feeds, maxFeedAgeMs);
  return problems.length === 0 ? ready(feeds.map(freshText).join('; ')) : foldPairProblems(feeds.length, problems);
}

/** Returns the problem of every symbol whose feed is not fresh. */
export function feedProblems(feeds: readonly FeedView[], maxFeedAgeMs: number): readonly PairProblem[] {
  return feeds.flatMap((feed) => feedProblem(feed, maxFeedAgeMs) ?? []);
}

type FeedReason = keyof typeof CHECK_REASONS & ('FeedStale' | 'BookNotBuilt');

function feedProblem(
  { symbol, depthAgeMs, depthReceived, synced, offStep }: FeedView,
  maxFeedAgeMs: number,
): (PairProblem & { readonly reason: FeedReason }) | undefined {
  if (!depthReceived || depthAgeMs > maxFeedAgeMs) {
    const problem = depthReceived ? 'no depth for' : 'no depth yet after';
    const message = `${problem} ${Math.round(depthAgeMs)} ms, limit ${maxFeedAgeMs} ms`;
    return { symbol, reason: 'FeedStale', message };
  }
  if (synced) return undefined;
  const unsynced = 'depth arrives, but the book is not in sync with the venue yet';
  const changed = `the venue sends prices or quantities off the steps of its list, which is read again: ${offStep}`;
  return { symbol, reason: 'BookNotBuilt', message: offStep === '' ? unsynced : changed };
}

function freshText({ symbol, depthAgeMs, tradeAgeMs }: FeedView): string {
  const trade = tradeAgeMs === null ? 'no trade yet' : `last trade ${Math.round(tradeAgeMs)} ms ago`;
  return `${symbol}: depth ${Math.round(depthAgeMs)} ms ago, ${trade}`;
}
