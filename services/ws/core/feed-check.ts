/** One symbol's feed; ages in milliseconds on the monotonic clock. */
export interface FeedView {
  readonly symbol: string;
  /** Since depth data last came, or since it was first waited for. */
  readonly depthAgeMs: number;
  readonly depthHeard: boolean;
  /** Whether there is a book in step with the venue. */
  readonly synced: boolean;
  /** Since a trade last came; null before the first. Quiet markets trade rarely, so it is told and never judged. */
  readonly tradeAgeMs: number | null;
}

export interface Verdict {
  readonly ok: boolean;
  readonly reason: string;
  readonly message: string;
}

/**
 * Whether every symbol's feed is fresh: depth data within `maxFeedAgeMs`, and a book. Trades alone prove nothing either way, and pongs do not count.
 */
export function checkFeeds(feeds: readonly FeedView[], maxFeedAgeMs: number): Verdict {
  const stale = feeds.filter(({ depthAgeMs, depthHeard }) => !depthHeard || depthAgeMs > maxFeedAgeMs);
  if (stale.length > 0) {
    return { ok: false, reason: 'FeedStale', message: stale.map((feed) => staleText(feed, maxFeedAgeMs)).join('; ') };
  }
  const unbuilt = feeds.filter(({ synced }) => !synced).map(({ symbol }) => symbol);
  if (unbuilt.length > 0) {
    const message = `${unbuilt.join(', ')}: depth comes, but the book is not in step with the venue's yet`;
    return { ok: false, reason: 'BookNotBuilt', message };
  }
  if (feeds.length === 0) {
    return { ok: false, reason: 'FeedStale', message: 'no symbol is subscribed: see the check "instruments"' };
  }
  return { ok: true, reason: 'Ok', message: feeds.map(freshText).join('; ') };
}

function staleText({ symbol, depthAgeMs, depthHeard }: FeedView, maxFeedAgeMs: number): string {
  const what = depthHeard ? 'no depth' : 'no depth yet,';
  return `${symbol}: ${what} for ${Math.round(depthAgeMs)} ms, allowed are ${maxFeedAgeMs} ms`;
}

function freshText({ symbol, depthAgeMs, tradeAgeMs }: FeedView): string {
  const trade = tradeAgeMs === null ? 'no trade yet' : `last trade ${Math.round(tradeAgeMs)} ms ago`;
  return `${symbol}: depth ${Math.round(depthAgeMs)} ms ago, ${trade}`;
}
