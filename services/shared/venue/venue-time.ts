import type { Clock } from '../runtime/clock.ts';

/**
 * The venue's time by the last comparison of the clocks, on the monotonic clock: a step of our wall clock does not
 * change it. A cancellation is signed with it, because it must reach the venue also while our clock is wrong.
 */
export class VenueTime {
  readonly #clock: Pick<Clock, 'nowMs' | 'monotonicMs'>;
  /** The venue's clock minus our monotonic clock; undefined before the first comparison. */
  #aheadMs: number | undefined;

  constructor(clock: Pick<Clock, 'nowMs' | 'monotonicMs'>) {
    this.#clock = clock;
  }

  /** UTC milliseconds. Our own time while the venue's is not known. */
  nowMs(): number {
    const { nowMs, monotonicMs } = this.#clock;
    return this.#aheadMs === undefined ? nowMs() : Math.round(monotonicMs() + this.#aheadMs);
  }

  /** Takes the venue's clock minus our wall clock, as it was just measured. */
  compared(skewMs: number): void {
    this.#aheadMs = this.#clock.nowMs() + skewMs - this.#clock.monotonicMs();
  }

  /** For when the venue refuses what is stamped with it: the monotonic clock stands still while a machine sleeps. */
  forget(): void {
    this.#aheadMs = undefined;
  }
}
