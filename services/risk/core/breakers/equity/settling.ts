/** A price that has been missing for so long is not about to come, as after a start or a short gap of the feed. */
const SETTLED_MS = 300_000;

/**
 * Creates the memory of missing prices. It returns whether none of them is about to come: each has been missing for
 * five minutes, or one or another has kept the baselines waiting for as long.
 */
export function createSettling(): (unpriced: readonly string[], nowMs: number) => boolean {
  let missingSince: ReadonlyMap<string, number> = new Map();
  let waitingSinceMs: number | undefined;
  return (unpriced, nowMs) => {
    missingSince = new Map(unpriced.map((asset) => [asset, missingSince.get(asset) ?? nowMs]));
    const isWaiting = [...missingSince.values()].some((sinceMs) => nowMs - sinceMs < SETTLED_MS);
    waitingSinceMs = isWaiting ? (waitingSinceMs ?? nowMs) : undefined;
    return waitingSinceMs === undefined || nowMs - waitingSinceMs >= SETTLED_MS;
  };
}
