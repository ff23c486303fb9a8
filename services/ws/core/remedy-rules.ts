/** Remedies tried on a channel since its last data; times in milliseconds. */
export interface RemedyView {
  readonly remedies: number;
  /** Since the last remedy; infinite before the first. */
  readonly sinceRemedyMs: number;
}

export type Remedy = 'None' | 'Resubscribe' | 'Replace';

/** Each third remedy replaces the connection; the others resubscribe the channel. */
const REPLACE_EVERY = 3;
const WAIT_MS = 5_000;
const WAIT_MS_MAX = 600_000;

/**
 * Returns the remedy for a channel that is proven dead: the venue has newer data than it delivered. The first comes at
 * once. Each gets twice the time of the one before to take effect, from 5 s to 10 min, so that a channel that nothing
 * revives seldom reconnects the pairs beside it.
 */
export function decideRemedy({ remedies, sinceRemedyMs }: RemedyView): Remedy {
  const waitMs = Math.min(WAIT_MS * 2 ** Math.min(remedies - 1, 20), WAIT_MS_MAX);
  if (remedies > 0 && sinceRemedyMs < waitMs) return 'None';
  return remedies % REPLACE_EVERY === REPLACE_EVERY - 1 ? 'Replace' : 'Resubscribe';
}
