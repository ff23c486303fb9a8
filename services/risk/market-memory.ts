import type { BookMessage } from '../shared/contracts/messages/book.ts';
import type { TradeMessage } from '../shared/contracts/messages/trade.ts';
import { add, divide, parseDecimal, type Decimal } from '../shared/domain/decimal.ts';
import type { Instrument } from '../shared/domain/instrument.ts';
import { failed, OK, type CheckResult } from '../shared/runtime/health.ts';
import type { MarketView } from './core/risk-state.ts';

const TWO = parseDecimal('2');

/**
 * The newest that was heard of each instrument: top of the book, last trade, the venue's rules. Written by the stream readers and the reader of
 * instruments, read by every decision. Empty after a start: unknown means no.
 */
export class MarketMemory {
  readonly #books = new Map<string, NonNullable<MarketView['book']>>();
  readonly #trades = new Map<string, NonNullable<MarketView['lastTrade']>>();
  readonly #symbols: readonly string[];
  #instruments: ReadonlyMap<string, Instrument> = new Map();

  constructor(symbols: readonly string[]) {
    this.#symbols = symbols;
  }

  /** `receivedAt` is our clock when ws received it, so that time spent in the stream counts as age. */
  bookSeen(book: BookMessage): void {
    const bid = book.bids[0]?.[0];
    const ask = book.asks[0]?.[0];
    this.#books.set(book.symbol, { bid, ask, receivedAt: book.receivedAt });
  }

  tradeSeen(trade: TradeMessage): void {
    this.#trades.set(trade.symbol, { price: trade.price, receivedAt: trade.receivedAt });
  }

  instrumentsSeen(instruments: ReadonlyMap<string, Instrument>): void {
    this.#instruments = instruments;
  }

  view(symbol: string): MarketView {
    return {
      instrument: this.#instruments.get(symbol),
      book: this.#books.get(symbol),
      lastTrade: this.#trades.get(symbol),
    };
  }

  instrument(symbol: string): Instrument | undefined {
    return this.#instruments.get(symbol);
  }

  /** Fails while a book that decisions need is missing or older than they accept. */
  checkFeed(nowMs: number, maxAgeMs: number): CheckResult {
    for (const symbol of this.#symbols) {
      const book = this.#books.get(symbol);
      if (book === undefined) return failed('FeedMissing', `no book of ${symbol} has been received yet`);
      const age = nowMs - book.receivedAt;
      const message = `the book of ${symbol} is ${age} ms old, risk.maxFeedAgeMs allows ${maxAgeMs}`;
      if (age > maxAgeMs) return failed('FeedStale', message);
    }
    return OK;
  }

  /** Fails while the venue's rules of an instrument are unknown. */
  checkInstruments(): CheckResult {
    const missing = this.#symbols.filter((symbol) => !this.#instruments.has(symbol));
    if (missing.length === 0) return OK;
    return failed('InstrumentUnknown', `ws has published no rules of ${missing.join(', ')} yet`);
  }

  /** Middle of the book per symbol, where both sides are known. */
  marks(): ReadonlyMap<string, Decimal> {
    const marks = new Map<string, Decimal>();
    for (const [symbol, { bid, ask }] of this.#books) {
      if (bid !== undefined && ask !== undefined) marks.set(symbol, divide(add(bid, ask), TWO, 'floor'));
    }
    return marks;
  }
}
