import { failed, OK, type CheckResult } from '../../shared/runtime/health.ts';
import { messageOf } from '../../shared/runtime/errors.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import type { DeadLetter } from '../core/dead-letter.ts';
import type { ExecutionMetrics } from '../metrics.ts';
import type { ExecutionStore } from '../ports.ts';

export interface DeadLettersOptions {
  readonly store: Pick<ExecutionStore, 'keepDeadLetter' | 'clearDeadLetter' | 'openDeadLetters'>;
  readonly metrics: Pick<ExecutionMetrics, 'openDeadLetters'>;
  readonly log: Logger;
}

type Key = Pick<DeadLetter, 'kind' | 'id'>;

/** More than this many are not kept in memory one by one: the check fails anyway. */
const OPEN_MAX = 1_000;
/**
 * Things that were processed while the record could not be asked whether it has letters of them. The oldest are
 * forgotten: a letter of one of them stays open until a person clears it.
 */
const CLEARED_MAX = 1_000;
const NAMED = 3;

/**
 * What could not be processed, with its payload: each is logged once, and stays open until the same thing is processed
 * or a person clears it in the record. While one is open, its instrument takes no entries.
 */
export class DeadLetters {
  readonly #options: DeadLettersOptions;
  readonly #open = new Map<string, DeadLetter>();
  /** Changes that are not in the record yet, by key: a letter to keep, or undefined to clear. */
  readonly #unsaved = new Map<string, DeadLetter | undefined>();
  #synced = false;

  constructor(options: DeadLettersOptions) {
    this.#options = options;
  }

  get open(): readonly DeadLetter[] {
    return [...this.#open.values()];
  }

  /** Letters that the record does not have yet. */
  get unsaved(): number {
    return [...this.#unsaved.values()].filter((letter) => letter !== undefined).length;
  }

  /** Forgets what the record has: another process keeps and clears letters now. */
  reset(): void {
    this.#open.clear();
    this.#unsaved.clear();
    this.#synced = false;
    this.#count();
  }

  has(key: Key): boolean {
    return this.#open.has(textOf(key));
  }

  /** Sets a letter apart. Never rejects: what the record does not take now is saved by `sync`. */
  async keep(letter: DeadLetter): Promise<void> {
    const key = textOf(letter);
    if (this.#open.get(key)?.problem === letter.problem || (this.#open.size >= OPEN_MAX && !this.#open.has(key)))
      return;
    const { kind, id, symbol, problem, payload } = letter;
    this.#options.log.error({ kind, id, symbol, problem, payload }, 'cannot be processed, set apart');
    this.#open.set(key, letter);
    this.#unsaved.set(key, letter);
    this.#count();
    await this.#save();
  }

  /** Call it when a thing was processed. Never rejects. */
  async clear(key: Key): Promise<void> {
    if (!this.#open.delete(textOf(key))) {
      // An earlier process may have left a letter that has not been read yet.
      if (!this.#synced) this.#noteCleared(key);
      return;
    }
    this.#options.log.info({ kind: key.kind, id: key.id }, 'processed, no longer set apart');
    this.#noteCleared(key);
    this.#count();
    await this.#save();
  }

  /** Saves what the record lacks, and reads what it has: letters of an earlier process, and those a person cleared. */
  async sync(): Promise<void> {
    const { store } = this.#options;
    await this.#save();
    const saved = await store.openDeadLetters();
    const ids = new Set(saved.map(textOf));
    for (const key of this.#open.keys()) if (!ids.has(key) && !this.#unsaved.has(key)) this.#open.delete(key);
    for (const letter of saved) if (!this.#unsaved.has(textOf(letter))) this.#open.set(textOf(letter), letter);
    this.#synced = true;
    this.#count();
  }

  check(): CheckResult {
    if (this.#open.size === 0) return OK;
    const named = this.open.slice(0, NAMED).map(({ kind, id, problem }) => `${kind} ${id}: ${problem}`);
    const more = this.#open.size > NAMED ? `; ${this.#open.size - NAMED} more` : '';
    return failed('SetApart', `set apart: ${named.join('; ')}${more}`);
  }

  #noteCleared(key: Key): void {
    this.#unsaved.set(textOf(key), undefined);
    if (this.#unsaved.size <= CLEARED_MAX) return;
    // At most OPEN_MAX of them are letters, which stay.
    const cleared = [...this.#unsaved].filter(([, letter]) => letter === undefined);
    for (const [oldest] of cleared.slice(0, -CLEARED_MAX)) this.#unsaved.delete(oldest);
  }

  async #save(): Promise<void> {
    const { store, log } = this.#options;
    for (const [key, letter] of this.#unsaved) {
      try {
        await (letter === undefined ? store.clearDeadLetter(keyOf(key)) : store.keepDeadLetter(letter));
        if (this.#unsaved.get(key) === letter) this.#unsaved.delete(key);
      } catch (error) {
        log.warn({ key, problem: messageOf(error) }, 'saving a dead letter failed, retried with the next reconcile');
      }
    }
  }

  #count(): void {
    const { openDeadLetters } = this.#options.metrics;
    openDeadLetters.reset();
    for (const { kind } of this.#open.values()) openDeadLetters.inc({ kind });
  }
}

function textOf({ kind, id }: Key): string {
  return `${kind} ${id}`;
}

function keyOf(text: string): Key {
  const space = text.indexOf(' ');
  return { kind: text.slice(0, space) as DeadLetter['kind'], id: text.slice(space + 1) };
}
