import type { BookMessage } from '../contracts/messages/book.ts';
import type { TradeMessage } from '../contracts/messages/trade.ts';
import type { Decimal } from '../domain/decimal.ts';
import type { Instrument } from '../domain/instrument.ts';
import { ageText, isFresh, midPrice, type MarketSnapshot, type TopOfBook } from '../domain/market-snapshot.ts';
import { foldPairProblems, type PairProblem } from '../domain/pair-problems.ts';
import type { CheckResult } from '../runtime/health.ts';
import type { CHECK_REASONS } from '../contracts/reasons/checks.ts';

/**
 * The latest book, trade and venue rules of each symbol, in memory. Stream readers and the instrument reader write it;
 * every decision reads it. It starts empty, and unknown means no new orders. A symbol's rules stay known once read: an
 * emptied Redis must not stop exits, and rules rarely change.
 */
export class MarketView {
  readonly #symbols: readonly string[];
  readonly #books = new Map<string, TopOfBook>();
  readonly #mids = new Map<string, Decimal>();
  readonly #trades = new Map<string, NonNullable<MarketSnapshot['lastTrade']>>();
  readonly #instruments = new Map<string, Instrument>();

  constructor(symbols: readonly string[]) {
    this.#symbols = symbols;
  }

  readonly onBook = ({ symbol, bids, asks, receivedAt }: BookMessage): void => {
    const top = { bid: bids[0]?.[0], ask: asks[0]?.[0], receivedAt };
    this.#books.set(symbol, top);
    const mid = midPrice(top.bid, top.ask);
    if (mid !== undefined) this.#mids.set(symbol, mid);
  };

  readonly onTrade = ({ symbol, price, time, receivedAt }: TradeMessage): void => {
    // A trade that ws learned of late is as old as the venue says.
    this.#trades.set(symbol, { price, tradedAt: Math.min(time, receivedAt) });
  };

  readonly onInstruments = (instruments: ReadonlyMap<string, Instrument>): void => {
    for (const [symbol, instrument] of instruments) this.#instruments.set(symbol, instrument);
  };

  readonly instrument = (symbol: string): Instrument | undefined => this.#instruments.get(symbol);

  /** Best bid of a symbol. Undefined without one, or if the latest book is older than `sinceMs`, UTC milliseconds. */
  readonly bestBid = (symbol: string, sinceMs: number): Decimal | undefined => {
    const book = this.#books.get(symbol);
    return book === undefined || book.receivedAt < sinceMs ? undefined : book.bid;
  };

  snapshot(symbol: string): MarketSnapshot {
    return {
      instrument: this.#instruments.get(symbol),
      book: this.#books.get(symbol),
      lastTrade: this.#trades.get(symbol),
    };
  }

  /**
   * Last known mid price by symbol, to value holdings. A symbol whose book loses a side keeps its value until the next
   * two-sided book; decisions use `marks`.
   */
  readonly lastMids = (): ReadonlyMap<string, Decimal> => this.#mids;

  /**
   * Mid price by symbol, for decisions. A symbol whose latest book lacks a side has none, and neither has one whose
   * book is not fresh at `nowMs`, UTC milliseconds. Without terms, a book of any age counts.
   */
  readonly marks = (terms?: FreshTerms): ReadonlyMap<string, Decimal> => {
    const marks = new Map<string, Decimal>();
    for (const [symbol, { bid, ask, receivedAt }] of this.#books) {
      const mid = midPrice(bid, ask);
      if (mid !== undefined && isFreshBy(terms, receivedAt)) marks.set(symbol, mid);
    }
    return marks;
  };

  /** Fails while no symbol has a book within `maxAgeMs`; degraded while some have none. */
  checkFeed(nowMs: number, maxAgeMs: number): CheckResult {
    return this.#check((symbol) => {
      const book = this.#books.get(symbol);
      if (book === undefined) return { reason: 'FeedMissing', message: 'no order book received yet' };
      const ageMs = nowMs - book.receivedAt;
      const message = `the order book is ${ageText(ageMs)}; risk.maxFeedAgeMs allows ${maxAgeMs}`;
      return isFresh(ageMs, maxAgeMs) ? undefined : { reason: 'FeedStale', message };
    });
  }

  /**
   * Fails while the venue's rules of every symbol are unknown; degraded while those of some are. Orders for a symbol
   * without rules are refused or wait until they expire.
   */
  checkInstruments(): CheckResult {
    return this.#check((symbol) =>
      this.#instruments.has(symbol)
        ? undefined
        : { reason: 'InstrumentUnknown', message: 'ws has not published the trading rules yet' },
    );
  }

  #check(problemOf: (symbol: string) => SymbolProblem | undefined): CheckResult {
    const problems = this.#symbols.flatMap((symbol): readonly PairProblem[] => {
      const problem = problemOf(symbol);
      return problem === undefined ? [] : [{ symbol, ...problem }];
    });
    return boundedResult(foldPairProblems(this.#symbols.length, problems));
  }
}

interface FreshTerms {
  readonly nowMs: number;
  readonly maxAgeMs: number;
}

function isFreshBy(terms: FreshTerms | undefined, receivedAt: number): boolean {
  return terms === undefined || isFresh(terms.nowMs - receivedAt, terms.maxAgeMs);
}

interface SymbolProblem {
  readonly reason: keyof typeof CHECK_REASONS;
  readonly message: string;
}

function boundedResult({ ok, reason, message }: CheckResult): CheckResult {
  return { ok, reason, message: message.slice(0, 500) };
}
