/** A channel that should bring data; times in milliseconds. */
export interface SilenceView {
  /** Since data last came. */
  readonly ageMs: number;
  /** Since the last remedy; infinite when there was none. */
  readonly sinceRemedyMs: number;
  /** Remedies tried since data last came. */
  readonly remedies: number;
}

export interface SilencePatience {
  /** Longest silence that is normal for the channel; also the time that a remedy is given. */
  readonly limitMs: number;
  /** Fresh subscriptions before the connection itself is held to be the trouble. */
  readonly subscriptions: number;
}

export type Remedy = 'None' | 'Resubscribe' | 'Replace';

/** A silent channel is subscribed anew, one remedy per `limitMs`; when that does not help, its connection is replaced, then it begins again. */
export function decideSilence({ ageMs, sinceRemedyMs, remedies }: SilenceView, patience: SilencePatience): Remedy {
  const { limitMs, subscriptions } = patience;
  if (ageMs <= limitMs || sinceRemedyMs <= limitMs) return 'None';
  return remedies % (subscriptions + 1) === subscriptions ? 'Replace' : 'Resubscribe';
}

/** Depth of a traded pair always moves; trades may pause for long, so their silence is worth little more than a fresh subscription. */
export function patienceOf(channel: 'trades' | 'depth', maxFeedAgeMs: number): SilencePatience {
  if (channel === 'depth') return { limitMs: maxFeedAgeMs, subscriptions: 2 };
  return { limitMs: Math.max(maxFeedAgeMs * 12, 60_000), subscriptions: 10 };
}
