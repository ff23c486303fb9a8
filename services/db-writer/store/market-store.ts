import type { BookMessage } from '../../shared/contracts/messages/book.ts';
import type { SignalMessage } from '../../shared/contracts/messages/signal.ts';
import type { TradeMessage } from '../../shared/contracts/messages/trade.ts';
import type { Queryable } from '../../shared/postgres/pool.ts';
import { deleteOld, type MarketTable } from './delete-old.ts';
import { insertBooks } from './insert-books.ts';
import { insertSignals } from './insert-signals.ts';
import { insertTrades } from './insert-trades.ts';

/**
 * Store of market data and signals. Each call is one statement; an insert returns how many rows were new. Rejects when
 * Postgres is unavailable.
 */
export interface MarketStore {
  readonly insertTrades: (trades: readonly TradeMessage[]) => Promise<number>;
  readonly insertBooks: (books: readonly BookMessage[]) => Promise<number>;
  readonly insertSignals: (signals: readonly SignalMessage[]) => Promise<number>;
  readonly deleteOld: (table: MarketTable, beforeMs: number) => Promise<boolean>;
}

export function createMarketStore(on: Queryable, stack: string): MarketStore {
  return {
    insertTrades: async (trades) => await insertTrades(on, stack, trades),
    insertBooks: async (books) => await insertBooks(on, stack, books),
    insertSignals: async (signals) => await insertSignals(on, stack, signals),
    deleteOld: async (table, beforeMs) => await deleteOld(on, table, beforeMs),
  };
}
