export interface Backoff {
  /** The next wait in ms: doubles up to the bound, spread over [base, 2 * base) so that clients do not march in step. */
  nextMs(): number;
  reset(): void;
}

export interface BackoffOptions {
  readonly minMs: number;
  readonly maxMs: number;
  /** [0, 1) */
  readonly random: () => number;
}

/** The reflector's back-off of client-go (`tools/cache/reflector.go`: 800 ms to 30 s, factor 2, jitter 1). */
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
