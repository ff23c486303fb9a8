import type { Clock } from './clock.ts';

export interface Backoff {
  readonly minMs: number;
  readonly maxMs: number;
}

/**
 * Returns the wait after attempt number `attempt`: exponential backoff with full jitter, never below half of `minMs`.
 */
export function backoffMs(attempt: number, { minMs, maxMs }: Backoff, random: () => number = Math.random): number {
  const ceiling = Math.min(maxMs, minMs * 2 ** Math.min(attempt - 1, 30));
  const floor = Math.min(minMs / 2, ceiling);
  return floor + random() * (ceiling - floor);
}

export interface RetryOptions extends Backoff {
  /** Also the source of the jitter. */
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  /** Maximum attempts. Absent means until the signal is aborted. */
  readonly attempts?: number;
  /** Returns false to stop and throw this error. Default: every error is retryable. */
  readonly retryable?: (error: unknown) => boolean;
  readonly onRetry?: (error: unknown, attempt: number, waitMs: number) => void;
}

/**
 * Runs `operation` until it succeeds. Throws its last error, or the reason of the signal. Only for operations that may
 * run twice.
 */
export async function retry<T>(operation: (attempt: number) => Promise<T>, options: RetryOptions): Promise<T> {
  const {
    clock,
    signal,
    attempts = Number.POSITIVE_INFINITY,
    retryable = alwaysRetryable,
    onRetry = ignoreRetry,
  } = options;
  for (let attempt = 1; ; attempt += 1) {
    signal?.throwIfAborted();
    try {
      return await operation(attempt);
    } catch (error) {
      if (attempt >= attempts || !retryable(error)) throw error;
      signal?.throwIfAborted();
      const waitMs = backoffMs(attempt, options, clock.random);
      onRetry(error, attempt, waitMs);
      await clock.sleep(waitMs, signal);
    }
  }
}

function alwaysRetryable(): boolean {
  return true;
}

function ignoreRetry(): void {}
