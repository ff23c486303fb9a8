/** How long what is not at once may take in a run. Milliseconds. */
export interface Bounds {
  /**
   * Maximum time from the deadline of an order to its end: when replies get lost and senders change, the venue must be
   * queried several times. The longest of 60 seeds is 25 s.
   */
  readonly endBoundMs: number;
  /**
   * Maximum time in which no sale works a position that should be left. The wait between two attempts grows up to 30 s;
   * lost statements and a pass of each second come on top.
   */
  readonly idleBoundMs: number;
  /**
   * Maximum time in which one fault after another excuses that: a sale that never arrives takes 20 s to be known as
   * such, and the next one may meet the next fault.
   */
  readonly faultBoundMs: number;
  /**
   * Maximum time in which sales work a position that should be left, and none of it is sold. The longest of 371 seeds,
   * with the outages in it, is 66 s.
   */
  readonly keptBoundMs: number;
  /** Maximum time in which risk may accept a stance after a newer signal of the same position was published. */
  readonly outdatedBoundMs: number;
  /** Maximum time from the checks of an intent to its commit, which may be slow. */
  readonly commitBoundMs: number;
  /**
   * Maximum time in which the venue takes requests and an order that has to end is open, from then or from one request
   * for its cancellation to the next one. The longest of 60 seeds of the whole stack is under 1.5 s, of 12 swaps 3 s.
   */
  readonly cancelBoundMs: number;
  /** Maximum time in which the venue takes requests, and no process sends any. */
  readonly silenceBoundMs: number;
}

export const BOUNDS: Bounds = {
  endBoundMs: 30_000,
  idleBoundMs: 35_000,
  faultBoundMs: 60_000,
  keptBoundMs: 75_000,
  outdatedBoundMs: 10_000,
  commitBoundMs: 5_000,
  cancelBoundMs: 5_000,
  silenceBoundMs: 15_000,
};
