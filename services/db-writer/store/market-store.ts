import type { Queryable } from '../../shared/postgres/pool.ts';
import type { MarketStore } from '../ports.ts';
import { deleteHistory } from './delete-history.ts';
import { deleteOld } from './delete-old.ts';
import { insertBooks } from './insert-books.ts';
import { insertSignals } from './insert-signals.ts';
import { insertTrades } from './insert-trades.ts';

/** Binds the statements of this folder to a pool and a stack. */
export function createMarketStore(on: Queryable, stack: string): MarketStore {
  return {
    insertTrades: async (trades) => await insertTrades(on, stack, trades),
    insertBooks: async (books) => await insertBooks(on, stack, books),
    insertSignals: async (signals) => await insertSignals(on, stack, signals),
    deleteOld: async (table, beforeMs) => await deleteOld(on, table, beforeMs),
    deleteHistory: async (table, keptDays) => await deleteHistory(on, stack, table, keptDays),
  };
}
