import type { Side } from '../../../shared/domain/side.ts';
import { nextOrder, type QueuedOrder } from './next-order.ts';

type Waiting = QueuedOrder & { readonly start: () => void };

/**
 * Gives orders their turn (`next-order.ts`). An order is worked in two steps. Admission, with its commit, is for one
 * order at a time. The request to the venue that may follow, which can take seconds, is for one order an instrument: an
 * instrument without answers holds up no other, and there are at most as many requests as instruments.
 */
export class SendingQueue {
  readonly #waiting: Record<Side, Waiting[]> = { sell: [], buy: [] };
  /** Instruments with an order that is worked. */
  readonly #busy = new Set<string>();
  readonly #work = new Set<Promise<unknown>>();
  #isAdmitting = false;
  #exitsInARow = 0;

  /**
   * Runs the work on an order in its turn. `admitted` ends its admission, so that the next one begins, while its
   * instrument stays its own; without that call, both end with the work. A failure rejects only its own caller.
   */
  async run<T>(order: QueuedOrder, work: (admitted: () => void) => Promise<T>): Promise<T> {
    const result = this.#inTurn(order, work);
    this.#work.add(result);
    try {
      return await result;
    } finally {
      this.#work.delete(result);
    }
  }

  /** Resolves when all work of the calls so far has ended. Never rejects. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#work);
  }

  async #inTurn<T>({ side, symbol }: QueuedOrder, work: (admitted: () => void) => Promise<T>): Promise<T> {
    await new Promise<void>((start) => {
      this.#waiting[side].push({ side, symbol, start });
      this.#startNext();
    });
    let isOwn = true;
    const admitted = (): void => {
      if (isOwn) this.#isAdmitting = false;
      isOwn = false;
      this.#startNext();
    };
    try {
      return await work(admitted);
    } finally {
      this.#busy.delete(symbol);
      admitted();
    }
  }

  #startNext(): void {
    if (this.#isAdmitting) return;
    const { next, exitsInARow } = nextOrder(this.#waiting, this.#busy, this.#exitsInARow);
    this.#exitsInARow = exitsInARow;
    if (next === undefined) return;
    this.#waiting[next.side] = this.#waiting[next.side].filter((one) => one !== next);
    this.#isAdmitting = true;
    this.#busy.add(next.symbol);
    next.start();
  }
}
