/** A channel that should bring data; times in milliseconds. */
export interface SilenceView {
  /** Since data last came. */
  readonly ageMs: number;
  /** Longest silence that is normal for the channel. */
  readonly limitMs: number;
  /** Since the last remedy; infinite when there was none. */
  readonly sinceRemedyMs: number;
  /** Remedies tried since data last came. */
  readonly remedies: number;
}

export type Remedy = 'None' | 'Resubscribe' | 'Replace';

/** Subscriptions tried anew before the connection itself is held to be the trouble. */
const RESUBSCRIBE_TRIES = 2;

/** A silent channel is subscribed anew, one remedy per `limitMs`; when that does not help, its connection is replaced, then it begins again. */
export function decideSilence({ ageMs, limitMs, sinceRemedyMs, remedies }: SilenceView): Remedy {
  if (ageMs <= limitMs || sinceRemedyMs <= limitMs) return 'None';
  return remedies % (RESUBSCRIBE_TRIES + 1) === RESUBSCRIBE_TRIES ? 'Replace' : 'Resubscribe';
}

/** How long each channel may be silent. Depth of a traded pair always moves; trades may pause, so their silence is only worth a fresh subscription. */
export function silenceLimitMs(channel: 'trades' | 'depth', maxFeedAgeMs: number): number {
  return channel === 'depth' ? maxFeedAgeMs : Math.max(maxFeedAgeMs * 12, 60_000);
}
