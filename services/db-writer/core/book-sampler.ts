import type { BookMessage } from '../../shared/contracts/messages/book.ts';

/** Last second, in UTC seconds of receipt, from which a book was kept, per symbol. */
export type SampledSeconds = ReadonlyMap<string, number>;

export interface Sample {
  /** Books to write: the first of each second per symbol, in the given order. */
  readonly books: readonly BookMessage[];
  readonly sampled: SampledSeconds;
}

/** Keeps one book per second and symbol; books change ten times as often. Redelivered older books are dropped. */
export function sampleBooks(books: readonly BookMessage[], sampled: SampledSeconds): Sample {
  const seconds = new Map(sampled);
  const kept = books.filter((book) => {
    const second = Math.floor(book.receivedAt / 1_000);
    if (second <= (seconds.get(book.symbol) ?? -1)) return false;
    seconds.set(book.symbol, second);
    return true;
  });
  return { books: kept, sampled: seconds };
}
