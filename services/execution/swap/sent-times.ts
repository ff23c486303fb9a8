/**
 * When this process sent the first and the last order of its newest epoch, UTC milliseconds: the gap of a swap is
 * measured by them. They stay known after a drain.
 */
export class SentTimes {
  #epoch = 0;
  #firstMs: number | null = null;
  #lastMs: number | null = null;

  /** Call it when the first byte of an order leaves. */
  note(epoch: number, atMs: number): void {
    if (epoch !== this.#epoch) this.#firstMs = null;
    this.#epoch = epoch;
    this.#firstMs ??= atMs;
    this.#lastMs = atMs;
  }

  of(epoch: number): { readonly firstSentMs: number | null; readonly lastSentMs: number | null } {
    return epoch === this.#epoch
      ? { firstSentMs: this.#firstMs, lastSentMs: this.#lastMs }
      : { firstSentMs: null, lastSentMs: null };
  }
}
