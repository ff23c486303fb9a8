import type { BookPayload } from '../shared/contracts/messages/book.ts';
import type { InstrumentPayload } from '../shared/contracts/messages/instrument.ts';
import type { TradePayload } from '../shared/contracts/messages/trade.ts';
import type { PublishResult } from '../shared/redis/publisher.ts';
import type { UnreadFrame } from '../shared/venue/unread-frames.ts';

/**
 * Store that ws writes to. Publishing never rejects because of Redis; `putInstruments` rejects when the write failed.
 */
export interface MarketDataStore {
  readonly publishTrades: (trades: readonly TradePayload[]) => Promise<readonly PublishResult[]>;
  readonly publishBook: (book: BookPayload) => Promise<PublishResult>;
  readonly putInstruments: (instruments: readonly InstrumentPayload[]) => Promise<void>;
  readonly keepFrame: (frame: UnreadFrame) => Promise<PublishResult>;
}
