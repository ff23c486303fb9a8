import type { TradePayload } from '../../shared/contracts/messages/trade.ts';
import type { Instrument } from '../../shared/domain/instrument.ts';
import type { Stream, VenueFrame } from '../../shared/venue/market-data-venue.ts';
import type { FeedView } from '../core/feed-check.ts';
import type { MergeTrade } from '../core/trade-merge.ts';
import { BookFeed, type BookFeedOptions } from './book-feed.ts';
import { ChannelRemedies, type FeedConnections } from './channel-remedies.ts';
import { TradeFeed } from './trade-feed.ts';
import type { VenueRequests } from './venue-requests.ts';

export interface SymbolFeedOptions extends Omit<BookFeedOptions, 'fetchDepth' | 'fetchVersion' | 'onDead'> {
  readonly venue: Omit<VenueRequests, 'listings'>;
  readonly connections: FeedConnections;
  /** Whether the venue lists the pair at present. */
  readonly isListed: () => boolean;
  /** The newest trades that were published by the runs of ws before this one. */
  readonly published: readonly MergeTrade[];
  readonly publishTrade: (trade: TradePayload) => void;
}

type Data = VenueFrame & { kind: 'Depth' | 'Trades' };

/** Feed of one symbol: its book and its trades. Each finds out by REST whether its silent channel is dead. */
export class SymbolFeed {
  readonly #options: SymbolFeedOptions;
  readonly #book: BookFeed;
  readonly #trades: TradeFeed;
  readonly #remedies: Readonly<Record<Stream['channel'], ChannelRemedies>>;
  #instrument: Instrument;

  constructor(instrument: Instrument, options: SymbolFeedOptions) {
    const { venue, producer, published, publishTrade, clock, log, metrics } = options;
    const { symbol } = instrument;
    this.#options = options;
    this.#instrument = instrument;
    const remediesOf = (channel: Stream['channel']) => new ChannelRemedies({ ...options, stream: { channel, symbol } });
    this.#remedies = { depth: remediesOf('depth'), trades: remediesOf('trades') };
    this.#book = new BookFeed(instrument, {
      ...options,
      fetchDepth: venue.depth,
      fetchVersion: venue.bookVersion,
      onDead: () => this.#remedies.depth.onDead(),
    });
    this.#trades = new TradeFeed({
      symbol,
      producer,
      published,
      fetchTrades: async () => await venue.trades(symbol),
      publish: publishTrade,
      onDead: () => this.#remedies.trades.onDead(),
      clock,
      log,
      metrics,
    });
  }

  /** The venue's rules as last listed. */
  get instrument(): Instrument {
    return this.#instrument;
  }

  /** Why the last book was not written; empty when it was written. */
  get problem(): string {
    return this.#book.problem;
  }

  setInstrument(instrument: Instrument): void {
    this.#instrument = instrument;
    this.#book.setInstrument(instrument);
  }

  /** A connection has subscribed to the symbol. `isGap`: no other one carried it meanwhile. */
  onSubscribed(isGap: boolean): void {
    this.#book.onSubscribed();
    this.#trades.onSubscribed(isGap);
  }

  onData(frame: Data, connection: number): void {
    if (frame.kind === 'Depth') {
      this.#remedies.depth.onData();
      this.#book.onDepth(frame, connection);
    } else {
      this.#remedies.trades.onData();
      this.#trades.onTrades(frame, connection);
    }
  }

  /** Does what is due. Call it many times a second. `mayAsk` paces the requests to the venue. */
  runPass(mayAsk: () => boolean): void {
    const isOpen = this.#options.connections.isOpen(this.#instrument.symbol);
    this.#book.runPass(isOpen, mayAsk);
    this.#trades.runPass(isOpen, mayAsk);
  }

  /** Since the book was last known to be current; since the start while it never was. */
  bookAgeMs(nowMs: number): number {
    return this.#book.ageMs(nowMs);
  }

  view(nowMs: number): FeedView {
    return {
      symbol: this.#instrument.symbol,
      depthAgeMs: this.bookAgeMs(nowMs),
      depthReceived: this.#book.received,
      synced: this.#book.synced,
      offStep: this.#book.offStep,
      tradeAgeMs: this.#trades.ageMs(nowMs),
    };
  }
}
