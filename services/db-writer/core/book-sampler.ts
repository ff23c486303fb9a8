import type { BookMessage } from '../../shared/contracts/messages/book.ts';

/** The last second, in UTC seconds of receipt, of which a book was kept, per symbol. */
export type SampledSeconds = ReadonlyMap<string, number>;

export interface Sample {
  /** Books to write: per symbol the first of each second, in the order given. */
  readonly books: readonly BookMessage[];
  readonly sampled: SampledSeconds;
}

/** One book a second and symbol; books change ten times as often. Redelivered older ones are left out. */
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
