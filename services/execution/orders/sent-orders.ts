import type { Clock } from '../../shared/runtime/clock.ts';

/** Longer than any approval lives, and than a failover or a restore takes. */
const KEEP_MS = 6 * 3_600_000;
/** A day of five orders a second would be more; the oldest are forgotten, and the venue is asked for those instead. */
const KEEP_MAX = 100_000;

/**
 * Client order IDs that this process has sent, or tried to send. The record is what counts; this memory is for the case
 * that the record loses the row of an order that has reached the venue.
 */
export class SentOrders {
  readonly #clock: Clock;
  /** Monotonic milliseconds, oldest first. */
  readonly #sentAtMs = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Call it before the first byte may leave. */
  add(clientOrderId: string): void {
    this.#forget();
    this.#sentAtMs.set(clientOrderId, this.#clock.monotonicMs());
  }

  /** Monotonic milliseconds; undefined when this process has not sent it. */
  sentAtMs(clientOrderId: string): number | undefined {
    return this.#sentAtMs.get(clientOrderId);
  }

  #forget(): void {
    const keptFromMs = this.#clock.monotonicMs() - KEEP_MS;
    for (const [id, atMs] of this.#sentAtMs) {
      if (atMs >= keptFromMs && this.#sentAtMs.size < KEEP_MAX) return;
      this.#sentAtMs.delete(id);
    }
  }
}
