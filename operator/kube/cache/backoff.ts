export interface Backoff {
  /**
   * Returns the next wait in ms. The base doubles with each call up to `maxMs`; jitter spreads the wait over
   * [base, 2 * base), so that clients do not retry in step.
   */
  nextMs(): number;
  /** Starts over at `minMs`. */
  reset(): void;
}

export interface BackoffOptions {
  readonly minMs: number;
  readonly maxMs: number;
  /** Returns a number in [0, 1). */
  readonly random: () => number;
}

/** Creates the backoff of client-go's reflector (`tools/cache/reflector.go`: 800 ms to 30 s, factor 2, jitter 1). */
export function createBackoff({ minMs, maxMs, random }: BackoffOptions): Backoff {
  let baseMs = minMs;
  return {
    nextMs: () => {
      const waitMs = baseMs * (1 + random());
      baseMs = Math.min(maxMs, baseMs * 2);
      return waitMs;
    },
    reset: () => {
      baseMs = minMs;
    },
  };
}
