import type { DeadLetter } from '../../core/dead-letter.ts';
import { isRowLetter, moreRowsLetter, rowSinceMs } from '../../core/reconcile/unread-letters.ts';
import type { DeadLetters } from '../../orders/dead-letters.ts';
import { setApart } from './set-apart.ts';

/** So many of an instrument are kept. The others are counted. */
const KEPT_MAX = 20;

/**
 * The letters of fills of an instrument whose IDs cannot be read, during one reading of the list from its first fill to
 * its last. Such a letter is over when a list that reaches back to its row no longer has it. A row whose text changes
 * is a new one each time: its letters do not fill up what is set apart.
 */
export class RowLetters {
  readonly #symbol: string;
  readonly #fromMs: number;
  /** Times than which the rows are no older, by the IDs of their letters. UTC milliseconds. */
  readonly #sinceMs: Map<string, number>;
  readonly #seen = new Set<string>();

  /**
   * `fromMs`: the reading has all fills since then, UTC milliseconds. `before`: the last reading. It knows more of a
   * row without a time, because the list has begun later and later.
   */
  constructor(symbol: string, fromMs: number, before?: RowLetters) {
    this.#symbol = symbol;
    this.#fromMs = fromMs;
    this.#sinceMs = new Map(before === undefined ? [] : before.#sinceMs);
  }

  /** Takes those of a part of the list. Rejects when too much is set apart. */
  async take(deadLetters: Pick<DeadLetters, 'open' | 'keep' | 'has'>, letters: readonly DeadLetter[]): Promise<void> {
    let kept = deadLetters.open.filter((letter) => isRowLetter(letter, this.#symbol)).length;
    for (const letter of letters) {
      this.#seen.add(letter.id);
      this.#sinceMs.set(letter.id, this.#sinceOf(letter));
      if (deadLetters.has(letter) || kept >= KEPT_MAX) continue;
      await setApart(deadLetters, letter);
      kept += 1;
    }
    const more = moreRowsLetter(this.#symbol, this.#beyond(deadLetters));
    if (this.#beyond(deadLetters) > 0 && !deadLetters.has(more)) await setApart(deadLetters, more);
  }

  /** Call it when the list was read to its end. */
  async end(deadLetters: Pick<DeadLetters, 'open' | 'keep' | 'has' | 'clear'>): Promise<void> {
    const rows = deadLetters.open.filter((letter) => isRowLetter(letter, this.#symbol) && !this.#seen.has(letter.id));
    const count = this.#beyond(deadLetters);
    const more = moreRowsLetter(this.#symbol, count);
    if (count > 0) await setApart(deadLetters, more);
    else if (deadLetters.has(more)) await deadLetters.clear(more);
    for (const letter of rows) if (this.#sinceOf(letter) >= this.#fromMs) await deadLetters.clear(letter);
    for (const id of this.#sinceMs.keys()) if (!deadLetters.has({ kind: 'Fill', id })) this.#sinceMs.delete(id);
  }

  #sinceOf(letter: DeadLetter): number {
    return Math.max(rowSinceMs(letter), this.#sinceMs.get(letter.id) ?? -Infinity);
  }

  /** Rows of the list that have no letters of their own. */
  #beyond(deadLetters: Pick<DeadLetters, 'has'>): number {
    return [...this.#seen].filter((id) => !deadLetters.has({ kind: 'Fill', id })).length;
  }
}
