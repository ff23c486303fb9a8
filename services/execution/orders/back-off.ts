import type { Clock } from '../../shared/runtime/clock.ts';

interface Attempts {
  readonly failures: number;
  /** Monotonic milliseconds. */
  readonly untilMs: number;
}

const FIRST_MS = 1_000;
/** The oldest are forgotten, and tried again at once. */
const KEYS_MAX = 1_000;

/** Growing pauses between attempts at the same thing, so that one that keeps failing holds back no other. */
export class BackOff {
  readonly #clock: Clock;
  readonly #attempts = new Map<string, Attempts>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Notes a failure. The pause doubles from a second to `longestMs`. */
  onFailure(key: string, longestMs: number): void {
    const failures = (this.#attempts.get(key)?.failures ?? 0) + 1;
    const pauseMs = Math.min(longestMs, FIRST_MS * 2 ** Math.min(failures - 1, 20));
    this.#attempts.delete(key);
    this.#attempts.set(key, { failures, untilMs: this.#clock.monotonicMs() + pauseMs });
    const [oldest] = this.#attempts.keys();
    if (this.#attempts.size > KEYS_MAX && oldest !== undefined) this.#attempts.delete(oldest);
  }

  ended(key: string): void {
    this.#attempts.delete(key);
  }

  isPaused(key: string): boolean {
    const attempts = this.#attempts.get(key);
    return attempts !== undefined && this.#clock.monotonicMs() < attempts.untilMs;
  }

  paused(): readonly string[] {
    return [...this.#attempts.keys()].filter((key) => this.isPaused(key));
  }
}
