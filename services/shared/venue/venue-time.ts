import type { Clock } from '../runtime/clock.ts';

/** A comparison of the clocks. */
interface Comparison {
  /** The venue's clock minus our monotonic clock. */
  readonly aheadMs: number;
}

/**
 * The venue's time by the last comparison of the clocks, on the monotonic clock: a step of our wall clock does not
 * change it. A cancellation is signed with it, because it must reach the venue also while our clock is wrong.
 */
export class VenueTime {
  readonly #clock: Pick<Clock, 'nowMs' | 'monotonicMs'>;
  #comparison: Comparison | undefined;

  constructor(clock: Pick<Clock, 'nowMs' | 'monotonicMs'>) {
    this.#clock = clock;
  }

  /** The comparison that `nowMs` uses; undefined while the venue's time is not known. */
  get comparison(): Comparison | undefined {
    return this.#comparison;
  }

  /** UTC milliseconds. Our own time while the venue's is not known. */
  nowMs(): number {
    const { nowMs, monotonicMs } = this.#clock;
    return this.#comparison === undefined ? nowMs() : Math.round(monotonicMs() + this.#comparison.aheadMs);
  }

  /** Takes the venue's clock minus our wall clock, as it was just measured. */
  compared(skewMs: number): void {
    this.#comparison = { aheadMs: this.#clock.nowMs() + skewMs - this.#clock.monotonicMs() };
  }

  /**
   * For when the venue refuses what was stamped by a comparison: the monotonic clock stands still while a machine
   * sleeps. A newer comparison stays.
   */
  forget(comparison: Comparison | undefined): void {
    if (this.#comparison === comparison) this.#comparison = undefined;
  }
}
