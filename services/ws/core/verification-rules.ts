/** A book that has not changed for this long is compared with the venue, or earlier if it would become stale. */
const VERIFY_AFTER_MS = 5_000;

/** Returns after which age a book is verified: at the latest half of the age at which consumers call it stale. */
export function verifyAfterMs(maxFeedAgeMs: number): number {
  return Math.min(VERIFY_AFTER_MS, maxFeedAgeMs / 2);
}

/**
 * What a snapshot's version says of our book. `Current`: the same version, so nothing was missed. `Behind`: the venue
 * has changes that we lack. `Unproven`: the snapshot is older than our book, as from a cache, and proves nothing.
 * Snapshots and diffs share one sequence of versions (MEXC spot v3, "How to properly maintain a local copy of the order
 * book").
 */
export type Verification = 'Current' | 'Behind' | 'Unproven';

export function compareVersions(ours: bigint, venues: bigint): Verification {
  if (venues === ours) return 'Current';
  return venues > ours ? 'Behind' : 'Unproven';
}
