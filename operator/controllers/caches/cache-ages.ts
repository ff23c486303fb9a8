import type { CheckResult } from '../../../services/shared/runtime/health.ts';

/**
 * The longest silence of a cache that is well: a watch of at most 7.5 min may bring nothing, not even a bookmark, and whatever it
 * brings, all is listed anew every 10 min. The rest is for lists and tries that fail.
 */
const MAX_AGE_MS = 20 * 60_000;

/** Passes while every cache is synced and young enough: one that silently stands still shows, instead of a stack as it was long ago. */
export function checkAges(agesMs: ReadonlyMap<string, number>): CheckResult {
  for (const [resource, ageMs] of agesMs) {
    if (!Number.isFinite(ageMs))
      return { ok: false, reason: 'NotSynced', message: `the first list of ${resource} is not complete yet` };
    const minutes = Math.round(ageMs / 60_000);
    if (ageMs > MAX_AGE_MS)
      return { ok: false, reason: 'Stale', message: `nothing was heard of ${resource} for ${minutes} min` };
  }
  return { ok: true, reason: 'Ok', message: '' };
}
