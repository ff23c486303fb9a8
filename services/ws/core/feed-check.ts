import { notReady, ready, type ReadinessResult } from './readiness-result.ts';

/** One symbol's feed; ages in milliseconds on the monotonic clock. */
export interface FeedView {
  readonly symbol: string;
  /** Since the last depth data, or since the subscription when none has arrived yet. */
  readonly depthAgeMs: number;
  readonly depthReceived: boolean;
  /** Whether the book is in sync with the venue. */
  readonly synced: boolean;
  /**
   * Since the last trade; null before the first. Reported only: quiet markets trade rarely, so it never fails the
   * check.
   */
  readonly tradeAgeMs: number | null;
}

/**
 * Checks that every symbol's feed is fresh: depth data within `maxFeedAgeMs`, and a synchronized book. Trades prove
 * freshness neither way, and pongs do not count.
 */
export function checkFeeds(feeds: readonly FeedView[], maxFeedAgeMs: number): ReadinessResult {
  const stale = feeds.filter(({ depthAgeMs, depthReceived }) => !depthReceived || depthAgeMs > maxFeedAgeMs);
  if (stale.length > 0) {
    return notReady('FeedStale', stale.map((feed) => staleText(feed, maxFeedAgeMs)).join('; '));
  }
  const unbuilt = feeds.filter(({ synced }) => !synced).map(({ symbol }) => symbol);
  if (unbuilt.length > 0) {
    const message = `${unbuilt.join(', ')}: depth arrives, but the book is not in sync with the venue yet`;
    return notReady('BookNotBuilt', message);
  }
  if (feeds.length === 0) {
    return notReady('FeedStale', 'no symbol is subscribed: see the check "instruments"');
  }
  return ready(feeds.map(freshText).join('; '));
}

function staleText({ symbol, depthAgeMs, depthReceived }: FeedView, maxFeedAgeMs: number): string {
  const problem = depthReceived ? 'no depth for' : 'no depth yet after';
  return `${symbol}: ${problem} ${Math.round(depthAgeMs)} ms, limit ${maxFeedAgeMs} ms`;
}

function freshText({ symbol, depthAgeMs, tradeAgeMs }: FeedView): string {
  const trade = tradeAgeMs === null ? 'no trade yet' : `last trade ${Math.round(tradeAgeMs)} ms ago`;
  return `${symbol}: depth ${Math.round(depthAgeMs)} ms ago, ${trade}`;
}
