export interface TokenBucket {
  /** Takes one token and says how long to wait for it, in ms; 0 when one was there. Tokens may be owed. */
  reserveMs(nowMs: number): number;
  /** Takes a token only if one is there. */
  tryTake(nowMs: number): boolean;
}

/** Starts full. Times are of one monotonic clock, in ms. */
export function createTokenBucket(options: { readonly perSecond: number; readonly burst: number }): TokenBucket {
  const { perSecond, burst } = options;
  let tokens = burst;
  let atMs: number | undefined;

  function refill(nowMs: number): void {
    tokens = Math.min(burst, tokens + ((nowMs - (atMs ?? nowMs)) / 1_000) * perSecond);
    atMs = nowMs;
  }

  return {
    reserveMs: (nowMs) => {
      refill(nowMs);
      tokens -= 1;
      return tokens >= 0 ? 0 : (-tokens / perSecond) * 1_000;
    },
    tryTake: (nowMs) => {
      refill(nowMs);
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
  };
}
