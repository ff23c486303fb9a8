import type { BookPayload } from '../shared/contracts/messages/book.ts';
import type { InstrumentPayload } from '../shared/contracts/messages/instrument.ts';
import type { TradePayload } from '../shared/contracts/messages/trade.ts';
import type { PublishResult } from '../shared/redis/publisher.ts';
import type { MergeTrade } from './core/trade-merge.ts';
import type { UnreadFrame } from '../shared/venue/unread-frames.ts';

/**
 * Store of ws. Publishing never rejects because of Redis; `putInstruments` rejects when the write failed, and
 * `newestTrades` when Redis does not answer.
 */
export interface MarketDataStore {
  readonly publishTrades: (trades: readonly TradePayload[]) => Promise<readonly PublishResult[]>;
  /** Returns the newest `count` published trades of a symbol, of any run of ws, oldest first. */
  readonly newestTrades: (symbol: string, count: number) => Promise<readonly MergeTrade[]>;
  readonly publishBook: (book: BookPayload) => Promise<PublishResult>;
  readonly putInstruments: (instruments: readonly InstrumentPayload[]) => Promise<void>;
  readonly keepFrame: (frame: UnreadFrame) => Promise<PublishResult>;
}
