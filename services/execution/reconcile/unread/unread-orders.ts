import type { UnreadOrder } from '../../../shared/domain/orders/unread-row.ts';
import { isUnreadOrderLetter, unreadOrderLetter } from '../../core/reconcile/unread-letters.ts';
import type { DeadLetters } from '../../orders/dead-letters.ts';
import type { ExecutionStore } from '../../ports.ts';
import { setApart } from './set-apart.ts';

export interface UnreadOrdersOptions {
  readonly store: Pick<ExecutionStore, 'clearedDeadLetters'>;
  readonly deadLetters: Pick<DeadLetters, 'open' | 'keep' | 'clear' | 'has'>;
}

/** Orders of which this process remembers that they were over. */
const OVER_MAX = 1_000;

/**
 * Open orders at the venue whose rows cannot be read. Each is set apart until it can be read or is no longer listed, so
 * that its instrument takes no entries, unless a person has cleared its letter.
 */
export class UnreadOrders {
  readonly #options: UnreadOrdersOptions;
  /** IDs of letters that this process cleared: such an order may be listed again, and no person has judged it. */
  readonly #over = new Set<string>();

  constructor(options: UnreadOrdersOptions) {
    this.#options = options;
  }

  /**
   * Takes what cannot be read of the complete list of an instrument. Rejects when the record is unavailable, or too
   * much is set apart.
   */
  async onListed(symbol: string, unread: readonly UnreadOrder[]): Promise<void> {
    const { store, deadLetters } = this.#options;
    const letters = unread.map((order) => unreadOrderLetter(symbol, order));
    const ids = new Set(letters.map(({ id }) => id));
    const cleared = ids.size === 0 ? ids : await store.clearedDeadLetters('Order', [...ids]);
    for (const letter of letters) {
      const wasOver = this.#over.delete(letter.id);
      if (wasOver || !cleared.has(letter.id)) await setApart(deadLetters, letter);
    }
    const over = deadLetters.open.filter((letter) => isUnreadOrderLetter(letter, symbol) && !ids.has(letter.id));
    for (const letter of over) {
      this.#over.add(letter.id);
      await deadLetters.clear(letter);
    }
    for (const id of [...this.#over].slice(0, -OVER_MAX)) this.#over.delete(id);
  }
}
