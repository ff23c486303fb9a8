import type { RawEntry } from '../stream-entry.ts';

/** Of more, the oldest are forgotten: they count as unread again, and their dead letters do not say what was wrong. */
const KNOWN_MAX = 10_000;

type Place = Pick<RawEntry, 'stream' | 'id'>;

/** What this process found wrong with entries that stay: they are tried again, or their dead letter is not written. */
export class JudgedEntries {
  readonly #reasons = new Map<string, string>();

  note(entry: Place, reason: string): void {
    this.forget(entry);
    this.#reasons.set(keyOf(entry), reason);
    if (this.#reasons.size <= KNOWN_MAX) return;
    const [oldest] = this.#reasons.keys();
    if (oldest !== undefined) this.#reasons.delete(oldest);
  }

  reasonOf(entry: Place): string | undefined {
    return this.#reasons.get(keyOf(entry));
  }

  forget(entry: Place): void {
    if (this.#reasons.size > 0) this.#reasons.delete(keyOf(entry));
  }
}

function keyOf({ stream, id }: Place): string {
  return `${stream} ${id}`;
}
