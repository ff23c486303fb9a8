import { Registry } from 'prom-client';
import type { BookPayload } from '../../services/shared/contracts/messages/book.ts';
import type { InstrumentPayload } from '../../services/shared/contracts/messages/instrument.ts';
import { tradeMessage, type TradeMessage, type TradePayload } from '../../services/shared/contracts/messages/trade.ts';
import type { PublishResult } from '../../services/shared/redis/publisher.ts';
import { failed, OK } from '../../services/shared/runtime/health.ts';
import { createLogger } from '../../services/shared/runtime/logger.ts';
import type { UnreadFrame } from '../../services/shared/venue/unread-frames.ts';
import { createWsMetrics } from '../../services/ws/metrics.ts';
import type { MarketDataStore } from '../../services/ws/ports.ts';
import { WsService } from '../../services/ws/service.ts';
import { listingOf, VenueTwin } from '../faults/venue-twin.ts';
import { virtualClock, type VirtualClock } from './virtual-clock.ts';

const LIMITS = { streamsPerConnection: 30, pingIntervalMs: 15_000, maxConnectionMs: 86_400_000 };

export interface VirtualWsOptions {
  readonly symbols?: readonly string[];
  /** Symbols that the venue lists at the start; `symbols` by default. */
  readonly listed?: readonly string[];
  readonly limits?: Partial<typeof LIMITS>;
  readonly maxFeedAgeMs?: number;
  /** Trades that runs before this one have published. */
  readonly published?: readonly TradePayload[];
  readonly redisUp?: boolean;
  /** Redis answers, and refuses to read. */
  readonly refusesReads?: boolean;
  /** Continues the market and the time of another run. */
  readonly after?: VirtualWs;
}

/** The real ws on a virtual clock, between a venue in memory and a Redis that the test switches off. */
export class VirtualWs {
  readonly clock: VirtualClock;
  readonly venue: VenueTwin;
  readonly service: WsService;
  readonly trades: TradePayload[] = [];
  readonly books: BookPayload[] = [];
  readonly frames: UnreadFrame[] = [];
  instruments: InstrumentPayload[] = [];
  redisUp: boolean;
  readonly #published: readonly TradeMessage[];
  readonly #registry = new Registry();
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;

  constructor(options: VirtualWsOptions = {}) {
    const { symbols = ['XRP/ETH'], maxFeedAgeMs = 2_000, after, published = [], redisUp = true } = options;
    this.redisUp = redisUp;
    this.#published = published.map((trade) => tradeMessage.parse(trade));
    this.clock = after?.clock ?? virtualClock();
    this.venue = after?.venue ?? venueOf(symbols, options);
    this.service = new WsService({
      symbols,
      bookLevels: 10,
      maxFeedAgeMs,
      producer: 'ws-test',
      venue: this.venue,
      clock: this.clock,
      log: createLogger({ name: 'test', level: 'silent' }),
      store: this.#store(options.refusesReads === true),
      redisCheck: () => (this.redisUp ? OK : failed('Disconnected', 'down')),
      metrics: createWsMetrics(this.#registry),
    });
    this.#running = this.service.run(this.#stop.signal);
  }

  async stop(): Promise<void> {
    this.#stop.abort(new Error('end of test'));
    await this.#running;
  }

  /** Connects, and gives each symbol a book of a bid at 1 and an ask at 2. */
  async upWithBook(...symbols: readonly string[]): Promise<void> {
    await this.clock.advance(100);
    for (const symbol of symbols.length === 0 ? ['XRP/ETH'] : symbols) {
      this.venue.change(symbol, { bid: ['1', '5'] });
      this.venue.change(symbol, { ask: ['2', '7'] });
    }
    await this.clock.advance(300);
    const { ok, reason, message } = this.service.checkFeed();
    if (!ok || reason !== 'Ok') throw new Error(`the feed did not start: ${reason} ${message}`);
  }

  /** Advances the clock in a market whose book moves. */
  async keepBusy(ms: number): Promise<void> {
    for (let elapsed = 0; elapsed < ms; elapsed += 500) {
      this.venue.change('XRP/ETH', { ask: ['2', String(10 + (elapsed % 7))] });
      await this.clock.advance(500);
    }
  }

  /** Whether the process is ready: every check passes. */
  isReady(): boolean {
    return this.#results().every(({ ok }) => ok);
  }

  /** The reason of each check. */
  checks(): Record<string, string> {
    const [redis, connection, feed, instruments] = this.#results().map(({ reason }) => reason);
    return { redis, connection, feed, instruments } as Record<string, string>;
  }

  async metric(name: string): Promise<string> {
    const text = await this.#registry.getSingleMetricAsString(name);
    return text
      .split('\n')
      .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
      .join('\n');
  }

  #results() {
    const { service } = this;
    return [service.checkRedis(), service.checkConnection(), service.checkFeed(), service.checkInstruments()];
  }

  #store(refusesReads: boolean): MarketDataStore {
    return {
      newestTrades: async (symbol, count) => {
        if (!this.redisUp || refusesReads) throw new Error('refused');
        return this.#published.filter((trade) => trade.symbol === symbol).slice(-count);
      },
      publishTrades: async (batch) => batch.map((trade) => this.#written(() => this.trades.push(trade))),
      publishBook: async (book) => this.#written(() => this.books.push(book)),
      putInstruments: async (batch) => {
        this.instruments = [...batch];
      },
      keepFrame: async (frame) => this.#written(() => this.frames.push(frame)),
    };
  }

  #written(write: () => void): PublishResult {
    if (!this.redisUp) return { kind: 'refused', reason: 'Disconnected', message: 'down' };
    write();
    return { kind: 'ok', id: '1-1' };
  }
}

function venueOf(symbols: readonly string[], { listed = symbols, limits }: VirtualWsOptions): VenueTwin {
  return new VenueTwin(
    listed.map((symbol) => listingOf(symbol)),
    { ...LIMITS, ...limits },
  );
}

/** Counts the connections that the venue is asked for from now on. */
export function countConnects(venue: VenueTwin): () => number {
  let opened = 0;
  const connect = venue.connect.bind(venue);
  venue.connect = (listener) => {
    opened += 1;
    return connect(listener);
  };
  return () => opened;
}
