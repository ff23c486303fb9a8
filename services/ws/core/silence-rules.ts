/** A channel that should carry data; times in milliseconds. */
export interface SilenceView {
  /** Since the last data. */
  readonly ageMs: number;
  /** Since the last remedy; infinite before the first. */
  readonly sinceRemedyMs: number;
  /** Remedies tried since the last data. */
  readonly remedies: number;
}

export interface SilenceLimits {
  /** Longest silence that is normal for the channel. Also the time that each remedy gets to take effect. */
  readonly limitMs: number;
  /** Resubscriptions to try before the connection itself is replaced. */
  readonly subscriptions: number;
}

export type Remedy = 'None' | 'Resubscribe' | 'Replace';

/**
 * Returns the remedy for a silent channel, at most one per `limitMs`. It is resubscribed; when that does not help, its
 * connection is replaced; then the cycle repeats.
 */
export function decideSilence({ ageMs, sinceRemedyMs, remedies }: SilenceView, limits: SilenceLimits): Remedy {
  const { limitMs, subscriptions } = limits;
  if (ageMs <= limitMs || sinceRemedyMs <= limitMs) return 'None';
  return remedies % (subscriptions + 1) === subscriptions ? 'Replace' : 'Resubscribe';
}

/**
 * Returns the limits of a channel. The depth of a traded pair changes all the time. Trades may pause for long, so the
 * connection is replaced only after many resubscriptions.
 */
export function silenceLimits(channel: 'trades' | 'depth', maxFeedAgeMs: number): SilenceLimits {
  if (channel === 'depth') return { limitMs: maxFeedAgeMs, subscriptions: 2 };
  return { limitMs: Math.max(maxFeedAgeMs * 12, 60_000), subscriptions: 10 };
}
