import type { CheckResult } from '../../../services/shared/runtime/health.ts';

/**
 * Maximum age of a healthy cache. A watch lasts at most 7.5 min and may deliver nothing, not even a bookmark;
 * independently of that, everything is listed again every 10 min. The rest allows for failed lists and retries.
 */
const MAX_AGE_MS = 20 * 60_000;

/** Passes while every cache is synced and young enough, so that a stuck cache is noticed instead of acted upon. */
export function checkAges(agesMs: ReadonlyMap<string, number>): CheckResult {
  for (const [resource, ageMs] of agesMs) {
    if (!Number.isFinite(ageMs))
      return { ok: false, reason: 'NotSynced', message: `the first list of ${resource} is not complete yet` };
    const minutes = Math.round(ageMs / 60_000);
    if (ageMs > MAX_AGE_MS)
      return { ok: false, reason: 'Stale', message: `the cache of ${resource} was last current ${minutes} min ago` };
  }
  return { ok: true, reason: 'Ok', message: '' };
}
