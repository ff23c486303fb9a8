import { sampleBooks, type KeptBooks } from './core/book-sampler.ts';
import type { DbWriterMetrics } from './metrics.ts';
import type { DbWriter, MarketStore } from './ports.ts';

/**
 * Creates a writer of market data and signals in batches. Repeating a batch is harmless: rows are keyed by the sequence
 * numbers of their producers.
 */
export function createDbWriter(store: MarketStore, metrics: DbWriterMetrics): DbWriter {
  let kept: KeptBooks = new Map();
  const count = (table: string, given: number, written: number): void => {
    metrics.rows.inc({ table, outcome: 'written' }, written);
    metrics.rows.inc({ table, outcome: 'present' }, given - written);
  };
  return {
    onTrades: async (trades) => count('trades', trades.length, await store.insertTrades(trades)),
    onSignals: async (signals) => count('signals', signals.length, await store.insertSignals(signals)),
    onBooks: async (books) => {
      const sample = sampleBooks(books, kept);
      const written = await store.insertBooks(sample.books);
      // Only after the insert: a rejected batch is sampled again.
      kept = sample.kept;
      count('books', sample.books.length, written);
    },
    onGap: ({ stream, expected, received }) => metrics.lost.inc({ stream }, received - expected),
  };
}
