/** A price that has been missing for so long is not about to come, as after a start or a short gap of the feed. */
const SETTLED_MS = 300_000;

type Since = ReadonlyMap<string, number>;

/** The memory of missing prices. */
export interface Settling {
  /**
   * Notes which prices are missing. Returns whether none of them is about to come: each has been missing for five
   * minutes, or has come and gone for as long while the baselines waited.
   */
  readonly look: (unpriced: readonly string[], nowMs: number) => boolean;
  /** Notes that the baselines have moved: what is missing now may be waited for afresh. */
  readonly onMoved: () => void;
}

/** Creates it without any missing price. */
export function createSettling(): Settling {
  let missingSince: Since = new Map();
  /** Since when each asset has been missing at times, while the baselines wait. */
  let waitingSince: Since = new Map();
  return {
    look: (unpriced, nowMs) => {
      missingSince = sinceOf(unpriced, missingSince, nowMs);
      waitingSince = new Map([...sinceOf(unpriced, waitingSince, nowMs), ...waitingSince]);
      return unpriced.every((asset) => nowMs - (waitingSince.get(asset) ?? nowMs) >= SETTLED_MS);
    },
    onMoved: () => {
      waitingSince = missingSince;
    },
  };
}

function sinceOf(assets: readonly string[], before: Since, nowMs: number): Since {
  return new Map(assets.map((asset) => [asset, before.get(asset) ?? nowMs]));
}
