import type { DeadLetter } from '../../core/dead-letter.ts';
import type { ExecutionStore } from '../../ports.ts';

/** What `trading.dead_letters` has: open letters, and the keys of those that were cleared. */
export class DeadLetterTable {
  readonly open = new Map<string, DeadLetter>();
  readonly #cleared = new Set<string>();

  readonly keep: ExecutionStore['keepDeadLetter'] = async (letter) => {
    this.open.set(`${letter.kind} ${letter.id}`, letter);
    this.#cleared.delete(`${letter.kind} ${letter.id}`);
    await Promise.resolve();
  };

  readonly clear: ExecutionStore['clearDeadLetter'] = async ({ kind, id }) => {
    if (this.open.delete(`${kind} ${id}`)) this.#cleared.add(`${kind} ${id}`);
    await Promise.resolve();
  };

  readonly cleared: ExecutionStore['clearedDeadLetters'] = async (kind, ids) =>
    await Promise.resolve(new Set(ids.filter((id) => this.#cleared.has(`${kind} ${id}`))));

  readonly oldest: ExecutionStore['openDeadLetters'] = async () =>
    await Promise.resolve([...this.open.values()].slice(0, 1_000));
}
