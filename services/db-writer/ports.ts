import type { HistoryTable } from './core/history.ts';
import type { BookMessage } from '../shared/contracts/messages/book.ts';
import type { SignalMessage } from '../shared/contracts/messages/signal.ts';
import type { TradeMessage } from '../shared/contracts/messages/trade.ts';
import type { SequenceGap } from '../shared/redis/reader/sequence-watch.ts';

/** Tables that hold market data, which is deleted after a while. */
export type MarketTable = 'trades' | 'books';

/**
 * Store of market data and signals. Each call is one statement; an insert returns how many rows were new. Rejects when
 * Postgres is unavailable.
 */
export interface MarketStore {
  readonly insertTrades: (trades: readonly TradeMessage[]) => Promise<number>;
  readonly insertBooks: (books: readonly BookMessage[]) => Promise<number>;
  readonly insertSignals: (signals: readonly SignalMessage[]) => Promise<number>;
  /** Deletes one batch of market data received before `beforeMs`. Returns whether more may remain. */
  readonly deleteOld: (table: MarketTable, beforeMs: number) => Promise<boolean>;
  /** Deletes one batch of the stack's own history older than `keptDays`. Returns whether more may remain. */
  readonly deleteHistory: (table: HistoryTable, keptDays: number) => Promise<boolean>;
}

/** A batch is done when its statement is committed. A rejected batch is delivered again unchanged. */
export interface DbWriter {
  onTrades(trades: readonly TradeMessage[]): Promise<void>;
  onBooks(books: readonly BookMessage[]): Promise<void>;
  onSignals(signals: readonly SignalMessage[]): Promise<void>;
  onGap(gap: SequenceGap): void;
}
