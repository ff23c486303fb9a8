import type { Clock } from '../../shared/runtime/clock.ts';
import type { Pace } from '../core/budget/lanes.ts';

interface Requests {
  readonly count: number;
  /** Monotonic milliseconds. */
  readonly lastMs: number;
}

interface Cancelled {
  readonly clientOrderId: string;
}

/** The first request of an order may have been lost: so many are not counted as repeats. */
const FREE = 2;
/** Orders that were requested at least so often have their turns one after the other. */
const OFTEN = 5;

/** How often the cancellation of each order was requested, and which is requested again next. */
export class CancelHistory {
  readonly #clock: Clock;
  readonly #requests = new Map<string, Requests>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  ids(): readonly string[] {
    return [...this.#requests.keys()];
  }

  readonly isFirst = ({ clientOrderId }: Cancelled): boolean => !this.#requests.has(clientOrderId);

  /** Monotonic milliseconds of the last request. */
  lastMs(clientOrderId: string): number | undefined {
    return this.#requests.get(clientOrderId)?.lastMs;
  }

  onRequest(clientOrderId: string): void {
    const { count } = this.#requests.get(clientOrderId) ?? { count: 0 };
    this.#requests.set(clientOrderId, { count: count + 1, lastMs: this.#clock.monotonicMs() });
  }

  forget(clientOrderId: string): void {
    this.#requests.delete(clientOrderId);
  }

  /**
   * Returns which of those that were requested are requested again now, first those that were requested least often and
   * longest ago: at most as many as there are slots beside those that are `queued`, and of those that were requested
   * twice as the pace says.
   */
  paced<T extends Cancelled>(
    again: readonly T[],
    { pace, slots, queued }: { readonly pace: Pace; readonly slots: number; readonly queued: Iterable<string> },
  ): readonly T[] {
    const sinceMs = this.#clock.monotonicMs() - pace.withinMs;
    const recent = [...this.#requests.values()].filter(({ count, lastMs }) => count > FREE && lastMs > sinceMs);
    const waiting = [...queued].flatMap((clientOrderId) => this.#requests.get(clientOrderId)?.count ?? []);
    const begun = recent.length + waiting.filter((count) => count >= FREE).length;
    const repeats = again
      .flatMap((order) => {
        const requests = this.#requests.get(order.clientOrderId);
        return requests === undefined ? [] : [{ order, ...requests }];
      })
      .sort((one, other) => Math.min(one.count, OFTEN) - Math.min(other.count, OFTEN) || one.lastMs - other.lastMs);
    const counted = repeats.filter(({ count }) => count >= FREE).slice(0, Math.max(0, pace.count - begun));
    const free = Math.max(0, slots - waiting.length);
    return [...repeats.filter(({ count }) => count < FREE), ...counted].slice(0, free).map(({ order }) => order);
  }
}
