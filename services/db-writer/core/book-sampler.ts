import type { BookMessage } from '../../shared/contracts/messages/book.ts';

/** The last book that was kept: its version, and its second of receipt in UTC seconds. */
export interface KeptBook {
  readonly second: number;
  readonly version: string;
}

/** The last kept book per symbol. */
export type KeptBooks = ReadonlyMap<string, KeptBook>;

export interface Sample {
  /** Books to write: the first changed one of each second per symbol, in the given order. */
  readonly books: readonly BookMessage[];
  readonly kept: KeptBooks;
}

/**
 * Keeps one book per second and symbol; books change ten times as often. A book that ws only repeats, because the venue
 * confirmed it unchanged, has the version of the one before and is dropped, and so are redelivered older books.
 */
export function sampleBooks(books: readonly BookMessage[], before: KeptBooks): Sample {
  const kept = new Map(before);
  const sampled = books.filter(({ symbol, version, receivedAt }) => {
    const second = Math.floor(receivedAt / 1_000);
    const last = kept.get(symbol);
    if (last !== undefined && (second <= last.second || version === last.version)) return false;
    kept.set(symbol, { second, version });
    return true;
  });
  return { books: sampled, kept };
}
