import type { DeadLetter } from '../../core/dead-letter.ts';
import type { ExecutionStore } from '../../ports.ts';

/** What `trading.dead_letters` has: open letters, and the keys of those that a person has cleared. */
export class DeadLetterTable {
  readonly open = new Map<string, DeadLetter>();
  readonly #clearedByHand = new Set<string>();

  readonly keep: ExecutionStore['keepDeadLetter'] = async (letter) => {
    this.open.set(`${letter.kind} ${letter.id}`, letter);
    this.#clearedByHand.delete(`${letter.kind} ${letter.id}`);
    await Promise.resolve();
  };

  readonly clear: ExecutionStore['clearDeadLetter'] = async ({ kind, id }) => {
    this.open.delete(`${kind} ${id}`);
    await Promise.resolve();
  };

  /** Clears a letter as a person does. */
  clearByHand({ kind, id }: Pick<DeadLetter, 'kind' | 'id'>): void {
    this.open.delete(`${kind} ${id}`);
    this.#clearedByHand.add(`${kind} ${id}`);
  }

  readonly cleared: ExecutionStore['clearedDeadLetters'] = async (kind, ids) =>
    await Promise.resolve(new Set(ids.filter((id) => this.#clearedByHand.has(`${kind} ${id}`))));

  readonly oldest: ExecutionStore['openDeadLetters'] = async () =>
    await Promise.resolve([...this.open.values()].slice(0, 1_000));
}
