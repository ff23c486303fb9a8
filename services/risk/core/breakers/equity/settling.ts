import { CONFIRMING } from '../confirmed.ts';

/** A price that has been missing for so long is not about to come, as after a start or a short gap of the feed. */
const SETTLED_MS = 300_000;

type Since = ReadonlyMap<string, number>;

/**
 * Creates the memory of missing prices. It returns whether none of them is about to come: each has been missing for
 * five minutes, or has come and gone for as long while one or another kept the baselines waiting.
 */
export function createSettling(): (unpriced: readonly string[], nowMs: number) => boolean {
  let missingSince: Since = new Map();
  /** Since when each asset has been missing at times, during the wait. */
  let waitingSince: Since = new Map();
  let calmLooks = 0;
  return (unpriced, nowMs) => {
    missingSince = sinceOf(unpriced, missingSince, nowMs);
    const isWaiting = [...missingSince.values()].some((sinceMs) => nowMs - sinceMs < SETTLED_MS);
    calmLooks = isWaiting ? 0 : calmLooks + 1;
    // With so many looks the baselines have moved: the wait is over.
    const isOver = calmLooks >= CONFIRMING;
    waitingSince = isOver ? missingSince : new Map([...sinceOf(unpriced, waitingSince, nowMs), ...waitingSince]);
    return unpriced.every((asset) => nowMs - (waitingSince.get(asset) ?? nowMs) >= SETTLED_MS);
  };
}

function sinceOf(assets: readonly string[], before: Since, nowMs: number): Since {
  return new Map(assets.map((asset) => [asset, before.get(asset) ?? nowMs]));
}
