import { parseDecimal, ZERO } from '../../services/shared/domain/decimal.ts';
import type { Instrument } from '../../services/shared/domain/instrument.ts';
import type {
  Channel,
  ConnectionListener,
  DepthLevel,
  DepthSnapshot,
  MarketDataVenue,
  RecentTrades,
  Stream,
  VenueConnection,
  VenueFrame,
  VenueLimits,
  VenueTrade,
} from '../../services/shared/venue/market-data-venue.ts';
import type { Listing, Listings } from '../../services/shared/venue/listing.ts';

interface TwinConnection {
  readonly listener: ConnectionListener;
  readonly streams: Set<string>;
  /** Channels, of all symbols or of one, that no longer send frames, although pings are answered. */
  readonly muted: Set<string>;
  pings: number;
}

interface TwinBook {
  version: bigint;
  readonly bids: Map<string, string>;
  readonly asks: Map<string, string>;
}

type TextLevel = [price: string, quantity: string];

/** In-memory public market data of a venue, behind the same port as the real venue. The test controls its faults. */
export class VenueTwin implements MarketDataVenue {
  readonly limits: VenueLimits;
  listed: Listing[];
  /** Open connections, oldest first. */
  readonly connections: TwinConnection[] = [];
  /** Number of subscriptions so far. */
  subscriptions = 0;
  /** While true, new connections fail immediately. */
  down = false;
  /** Number of next snapshot requests that fail. */
  depthFailures = 0;
  /** Number of next requests for the list of trades that fail. */
  tradesFailures = 0;
  /** Most trades that the list of trades has. */
  tradesLimit = 1_000;
  /** Number of requests so far. */
  readonly requests = { depth: 0, bookVersion: 0, trades: 0 };
  readonly #books = new Map<string, TwinBook>();
  readonly #unknown = new Set<string>();
  readonly #trades = new Map<string, VenueTrade[]>();

  constructor(listed: Listing[], limits: VenueLimits) {
    this.listed = listed;
    this.limits = limits;
  }

  connect(listener: ConnectionListener): VenueConnection {
    const connection: TwinConnection = { listener, streams: new Set(), muted: new Set(), pings: 0 };
    const { down } = this;
    queueMicrotask(() => {
      if (down) {
        listener.onClosed('refused');
        return;
      }
      this.connections.push(connection);
      listener.onOpen();
    });
    return {
      subscribe: (streams) => {
        this.subscriptions += streams.length;
        for (const stream of streams) connection.streams.add(keyOf(stream));
        listener.onFrame({ kind: 'Subscribed' });
      },
      unsubscribe: (streams) => {
        for (const stream of streams) connection.streams.delete(keyOf(stream));
      },
      ping: () => {
        connection.pings += 1;
        listener.onFrame({ kind: 'Pong' });
      },
      close: () => this.#end(connection, 'closed'),
    };
  }

  async depth(symbol: string): Promise<DepthSnapshot> {
    this.requests.depth += 1;
    this.#mustKnow(symbol);
    if (this.depthFailures > 0) {
      this.depthFailures -= 1;
      throw new Error('503');
    }
    const { version, bids, asks } = this.#bookOf(symbol);
    return { version, bids: levelsOf(bids), asks: levelsOf(asks) };
  }

  async bookVersion(symbol: string): Promise<bigint> {
    this.requests.bookVersion += 1;
    return (await this.depth(symbol)).version;
  }

  async trades(symbol: string): Promise<RecentTrades> {
    this.requests.trades += 1;
    this.#mustKnow(symbol);
    if (this.tradesFailures > 0) {
      this.tradesFailures -= 1;
      throw new Error('503');
    }
    const all = this.#trades.get(symbol) ?? [];
    return {
      trades: all.slice(all.length - Math.min(all.length, this.tradesLimit)),
      isFull: all.length >= this.tradesLimit,
    };
  }

  async listings(): Promise<Listings> {
    return { listings: this.listed, unreadable: [] };
  }

  trade(symbol: string, price: string, time: number): void {
    const trade = { price: parseDecimal(price), quantity: parseDecimal('1'), takerSide: 'buy', time } as const;
    const all = this.#trades.get(symbol) ?? [];
    this.#trades.set(symbol, [...all, trade]);
    this.#broadcast({ channel: 'trades', symbol }, { kind: 'Trades', symbol, sentAt: time, trades: [trade] });
  }

  /** Changes one level per side. The diff is sent to every connection subscribed to the depth, unless `lost`. */
  change(symbol: string, { bid, ask }: { bid?: TextLevel; ask?: TextLevel }, { lost = false } = {}): void {
    const book = this.#bookOf(symbol);
    book.version += 1n;
    if (bid !== undefined) book.bids.set(...bid);
    if (ask !== undefined) book.asks.set(...ask);
    const versions = { fromVersion: book.version, toVersion: book.version };
    const diff = { ...versions, bids: changeOf(bid), asks: changeOf(ask) };
    if (!lost) this.#broadcast({ channel: 'depth', symbol }, { kind: 'Depth', symbol, sentAt: 1, diff });
  }

  /** Ends the newest `count` connections; all by default. */
  cut(count = this.connections.length): void {
    const open = count === 0 ? [] : this.connections.slice(-count);
    for (const connection of open) this.#end(connection, 'cut');
  }

  /** Silences the channel on all open connections, of one symbol or of all. */
  silence(channel: Channel, symbol?: string): void {
    for (const { muted } of this.connections) muted.add(symbol === undefined ? channel : keyOf({ channel, symbol }));
  }

  /** From now on the venue does not know the symbol: requests for it fail, and nothing is sent. */
  forget(symbol: string): void {
    this.#unknown.add(symbol);
  }

  /** Sends unreadable bytes. */
  garble(payload: Uint8Array): void {
    for (const { listener } of this.connections) listener.onFrame({ kind: 'Malformed', reason: 'garbled', payload });
  }

  #mustKnow(symbol: string): void {
    if (this.#unknown.has(symbol)) throw new Error('10007 bad symbol');
  }

  #broadcast(stream: Stream, frame: VenueFrame): void {
    const open = this.connections.slice();
    for (const { streams, muted, listener } of open) {
      const isMuted = muted.has(stream.channel) || muted.has(keyOf(stream));
      if (streams.has(keyOf(stream)) && !isMuted) listener.onFrame(frame);
    }
  }

  #end(connection: TwinConnection, reason: string): void {
    const index = this.connections.indexOf(connection);
    if (index >= 0) this.connections.splice(index, 1);
    connection.listener.onClosed(reason);
  }

  #bookOf(symbol: string): TwinBook {
    const book = this.#books.get(symbol) ?? { version: 100n, bids: new Map(), asks: new Map() };
    this.#books.set(symbol, book);
    return book;
  }
}

function keyOf({ channel, symbol }: Stream): string {
  return `${channel} ${symbol}`;
}

function changeOf(level: TextLevel | undefined): DepthLevel[] {
  return level === undefined ? [] : [[parseDecimal(level[0]), parseDecimal(level[1])]];
}

/** Returns a pair with tick size 0.01 and lot size 1. */
export function listingOf(symbol: string, change: Partial<Listing> = {}): Listing {
  const [base = '', quote = ''] = symbol.split('/');
  const instrument: Instrument = {
    symbol,
    base,
    quote,
    tickSize: parseDecimal('0.01'),
    lotSize: parseDecimal('1'),
    minQuantity: parseDecimal('1'),
    minNotional: ZERO,
    maxNotional: parseDecimal('1000000'),
    makerFee: ZERO,
    takerFee: ZERO,
  };
  return { instrument, tradable: true, reason: '', ...change };
}

function levelsOf(side: ReadonlyMap<string, string>): DepthLevel[] {
  return [...side]
    .filter(([, quantity]) => quantity !== '0')
    .map(([price, quantity]) => [parseDecimal(price), parseDecimal(quantity)]);
}
