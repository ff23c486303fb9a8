import type { UnreadOrder } from '../../../shared/domain/orders/unread-row.ts';
import { isUnreadOrderLetter, unreadOrderLetter } from '../../core/reconcile/unread-letters.ts';
import type { DeadLetters } from '../../orders/dead-letters.ts';
import type { ExecutionStore } from '../../ports.ts';
import { setApart } from './set-apart.ts';

export interface UnreadOrdersOptions {
  readonly store: Pick<ExecutionStore, 'clearedDeadLetters'>;
  readonly deadLetters: Pick<DeadLetters, 'open' | 'keep' | 'clear' | 'has'>;
}

/**
 * Open orders at the venue whose rows cannot be read. Each is set apart until it can be read or is no longer listed, so
 * that its instrument takes no entries, unless a person has cleared its letter.
 */
export class UnreadOrders {
  readonly #options: UnreadOrdersOptions;

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
    for (const letter of letters) if (!cleared.has(letter.id)) await setApart(deadLetters, letter);
    const over = deadLetters.open.filter((letter) => isUnreadOrderLetter(letter, symbol) && !ids.has(letter.id));
    for (const letter of over) await deadLetters.clear(letter);
  }
}
