export interface TokenBucket {
  /** Takes one token, going into debt if the bucket is empty, and returns the wait for it in ms; 0 if available now. */
  reserveMs(nowMs: number): number;
  /** Takes a token if one is available, and returns whether it did. */
  tryTake(nowMs: number): boolean;
}

/** Creates a token bucket that starts full. All times come from one monotonic clock, in ms. */
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
