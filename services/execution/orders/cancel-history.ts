import type { Clock } from '../../shared/runtime/clock.ts';

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
   * Returns those that are requested again now, first those that were requested least often and longest ago: at most
   * `slots`, and `perSecond` within `withinMs` of those that were requested more than twice.
   */
  repeatsOf<T extends Cancelled>(
    due: readonly T[],
    { perSecond, withinMs, slots }: { readonly perSecond: number; readonly withinMs: number; readonly slots: number },
  ): readonly T[] {
    if (perSecond === 0) return [];
    const sinceMs = this.#clock.monotonicMs() - withinMs;
    const recent = [...this.#requests.values()].filter(({ count, lastMs }) => count > FREE && lastMs > sinceMs);
    const repeats = due
      .flatMap((order) => {
        const requests = this.#requests.get(order.clientOrderId);
        return requests === undefined ? [] : [{ order, ...requests }];
      })
      .sort((one, other) => Math.min(one.count, OFTEN) - Math.min(other.count, OFTEN) || one.lastMs - other.lastMs);
    const counted = repeats.filter(({ count }) => count >= FREE).slice(0, Math.max(0, perSecond - recent.length));
    return [...repeats.filter(({ count }) => count < FREE), ...counted].slice(0, slots).map(({ order }) => order);
  }
}
