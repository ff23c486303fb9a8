/**
 * Interval between two requests: 250 in 10 s at most, when every pair is silent. MEXC's documents allow 500 in 10 s for
 * an endpoint, other sources 300 for an address.
 */
const INTERVAL_MS = 40;

/** Spreads the REST requests of all pairs, and stops them while the venue asks for a pause. Monotonic milliseconds. */
export class RequestPacer {
  #nextMs = Number.NEGATIVE_INFINITY;

  /** Whether a request may be sent now. True reserves the place: the next request comes an interval later. */
  take(nowMs: number): boolean {
    if (nowMs < this.#nextMs) return false;
    this.#nextMs = nowMs + INTERVAL_MS;
    return true;
  }

  /** Milliseconds until a request may be sent. */
  waitMs(nowMs: number): number {
    return Math.max(0, this.#nextMs - nowMs);
  }

  pauseUntil(timeMs: number): void {
    this.#nextMs = Math.max(this.#nextMs, timeMs);
  }
}
