import { drain, type LevelTracker } from '../exchange-simulator/core/order-book.ts';
import type { ExchangeEvent, Traded } from '../exchange-simulator/core/events.ts';
import type { Market } from '../exchange-simulator/core/market.ts';
import type { BookPayload } from '../shared/contracts/messages/book.ts';
import type { TradePayload } from '../shared/contracts/messages/trade.ts';
import type { Instrument } from '../shared/domain/instrument.ts';
import { createBookBuilder, type BookDiff, type BookSnapshot } from '../shared/venue/book/book-builder.ts';
import type { BookLevel } from '../shared/venue/book/book-side.ts';
import { bookPayload, tradePayload } from '../ws/core/payloads.ts';
import { createOrderedDelivery } from './core/ordered-delivery.ts';
import type { Scheduler } from './core/scheduler.ts';

export interface FeedListener {
  onTrade(trade: TradePayload): void;
  onBook(book: BookPayload): void;
}

export interface MarketFeedOptions {
  readonly market: Market;
  readonly instrument: Instrument;
  readonly scheduler: Scheduler;
  readonly bookLevels: number;
  /** Delay from the venue's event to our receipt. */
  readonly latencyMs: () => number;
  readonly listener: FeedListener;
}

export interface MarketFeed {
  /** Starts as a client does: diffs first, then a snapshot that they continue. */
  start(): void;
  /** Call it after every change to the market. */
  publish(events: readonly ExchangeEvent[]): void;
  /** Number of times that the book was rebuilt. */
  readonly rebuilds: number;
}

/**
 * Simulates the venue's public channels and the core of ws behind them: the book rebuilt from its diffs, and trades.
 */
export function createMarketFeed(options: MarketFeedOptions): MarketFeed {
  const { market, instrument, scheduler, bookLevels, latencyMs, listener } = options;
  const { symbol } = instrument;
  const book = market.engine.book(symbol);
  const builder = createBookBuilder();
  let tracker: LevelTracker | undefined;
  let [trades, books, rebuilds] = [0, 0, 0];

  const origin = (seq: number) => ({ producer: 'ws-simulation', seq, symbol, receivedAt: scheduler.nowMs() });
  const publishBook = (time: number): void => {
    const view = builder.view(bookLevels);
    if (view === undefined) return;
    books += 1;
    listener.onBook(bookPayload(origin(books), view, instrument, time));
  };
  const deliver = createOrderedDelivery(scheduler, latencyMs);

  return {
    start: () => {
      tracker = book.track();
      const time = scheduler.nowMs();
      const snapshot: BookSnapshot = {
        version: BigInt(book.version),
        bids: book.levels('buy', 1_000).map(levelOf),
        asks: book.levels('sell', 1_000).map(levelOf),
      };
      deliver(() => {
        builder.onSnapshot(snapshot);
        publishBook(time);
      });
    },
    publish: (events) => {
      const time = scheduler.nowMs();
      const prints = events.filter((event): event is Traded => event.kind === 'trade' && event.symbol === symbol);
      const change = tracker === undefined ? undefined : drain(book, tracker);
      if (prints.length === 0 && change === undefined) return;
      deliver(() => {
        for (const print of prints) {
          trades += 1;
          listener.onTrade(tradePayload(origin(trades), print));
        }
        if (change === undefined) return;
        const diff: BookDiff = {
          fromVersion: BigInt(change.fromVersion),
          toVersion: BigInt(change.toVersion),
          bids: change.bids.map(levelOf),
          asks: change.asks.map(levelOf),
        };
        if (builder.onDiff(diff).kind === 'Rebuild') rebuilds += 1;
        publishBook(time);
      });
    },
    get rebuilds() {
      return rebuilds;
    },
  };
}

/** Joins the feeds of several instruments. */
export function joinedFeed(feeds: readonly MarketFeed[]): MarketFeed {
  return {
    start: () => {
      for (const feed of feeds) feed.start();
    },
    publish: (events) => {
      for (const feed of feeds) feed.publish(events);
    },
    get rebuilds() {
      return feeds.reduce((sum, { rebuilds }) => sum + rebuilds, 0);
    },
  };
}

function levelOf([price, quantity]: readonly [BookLevel['price'], BookLevel['quantity']]): BookLevel {
  return { price, quantity };
}
