/** The longest first stop, and by how much each further one may be longer. */
const FIRST_STOP_MS = 60_000;
const STOPS_GROW = 10;

/**
 * Stops of cancellations by a limit of the venue. The venue may accept them long before the end of the limit, so they
 * are tried after one minute, ten more, a hundred more, unless the end is not much later. Times are monotonic
 * milliseconds.
 */
export class CancelStops {
  /** Stops that were shorter than the limit, one after the other. */
  #cut = 0;
  #untilMs = Number.NEGATIVE_INFINITY;

  /** Returns how long a limit stops them. Several that are refused within a stop are of that stop. */
  stopFor(retryAfterMs: number, nowMs: number): number {
    const before = nowMs >= this.#untilMs ? this.#cut : Math.max(0, this.#cut - 1);
    const longestMs = FIRST_STOP_MS * STOPS_GROW ** before;
    const isCut = retryAfterMs > 2 * longestMs;
    const stopMs = isCut ? longestMs : retryAfterMs;
    if (isCut) this.#cut = before + 1;
    this.#untilMs = Math.max(this.#untilMs, nowMs + stopMs);
    return stopMs;
  }

  /** The next stop is the first one again: the limit is over, or the venue accepts cancellations. */
  forget(): void {
    this.#cut = 0;
    this.#untilMs = Number.NEGATIVE_INFINITY;
  }
}
