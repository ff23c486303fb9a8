import type { Instrument } from '../shared/domain/instrument.ts';
import { createChannelAges } from '../shared/venue/book/channel-ages.ts';
import { UnreadFrames } from '../shared/venue/unread-frames.ts';
import type { MarketDataVenue, Stream, VenueFrame } from '../shared/venue/market-data-venue.ts';
import type { Listing } from '../shared/venue/listing.ts';
import type { Clock } from '../shared/runtime/clock.ts';
import { messageOf } from '../shared/runtime/errors.ts';
import { degraded, failed, OK, type CheckResult } from '../shared/runtime/health.ts';
import type { Logger } from '../shared/runtime/logger.ts';
import { pause } from '../shared/runtime/periodic.ts';
import type { ServicePart } from '../shared/runtime/service-part.ts';
import { ConnectionPool } from './connection-pool.ts';
import { checkFeeds, feedProblems, type FeedView } from './core/feed-check.ts';
import { instrumentPayload } from './core/payloads.ts';
import type { ReadinessResult } from './core/readiness-result.ts';
import { decideSilence, silenceLimits } from './core/silence-rules.ts';
import { streamsOf } from './core/stream-plan.ts';
import { ListingPoller } from './listing-poller.ts';
import type { WsMetrics } from './metrics.ts';
import type { MarketDataStore } from './ports.ts';
import { SymbolFeed } from './symbol-feed.ts';
import { TradeBuffer } from './trade-buffer.ts';

export interface WsOptions {
  readonly symbols: readonly string[];
  readonly bookLevels: number;
  readonly maxFeedAgeMs: number;
  /** Identifies this run of the process in every message. */
  readonly producer: string;
  readonly venue: MarketDataVenue;
  readonly store: MarketDataStore;
  /** Whether the Redis connection is ready. */
  readonly redisCheck: () => CheckResult;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: WsMetrics;
}

const PASS_MS = 20;
/** Instruments are rewritten periodically, because Redis may return empty after a restart. */
const INSTRUMENTS_EVERY_MS = 15_000;

/** Remedies applied to one silent channel. */
interface Watch {
  readonly stream: Stream;
  remedies: number;
  remedyMs: number;
}

/**
 * Publishes the venue's public market data to Redis. All periodic work runs in one loop, in this order: connections,
 * books, silent channels.
 */
export class WsService implements ServicePart {
  readonly name = 'market data';
  readonly #options: WsOptions;
  readonly #tradeBuffer: TradeBuffer;
  readonly #frames: UnreadFrames;
  readonly #connections: ConnectionPool;
  readonly #listings: ListingPoller;
  readonly #stopping = new AbortController();
  readonly #feeds = new Map<string, { readonly feed: SymbolFeed; readonly instrument: Instrument }>();
  readonly #ages = createChannelAges();
  #watches: readonly Watch[] = [];
  #instrumentsMs = Number.NEGATIVE_INFINITY;
  #instrumentsProblem = '';
  #writingInstruments = false;

  constructor(options: WsOptions) {
    const { clock, log, metrics, store, symbols, venue } = options;
    this.#options = options;
    this.#tradeBuffer = new TradeBuffer({
      publishTrades: store.publishTrades,
      clock,
      metrics,
    });
    this.#frames = new UnreadFrames({
      store: store.keepFrame,
      count: (outcome) => metrics.deadLetter(outcome),
      clock,
    });
    this.#connections = new ConnectionPool({
      venue,
      clock,
      log,
      metrics,
      onFrame: (frame, connection) => this.#onFrame(frame, connection),
    });
    this.#listings = new ListingPoller({
      symbols,
      clock,
      log,
      fetchListings: async (signal) => await venue.listings(signal),
      onListed: (listings) => this.#onListed(listings),
    });
  }

  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.#stopping.abort(), { once: true });
    const polling = this.#listings.run(signal);
    while (!signal.aborted) {
      this.#runPass();
      await pause(this.#options.clock, PASS_MS, signal);
    }
    this.#connections.close();
    await polling;
  }

  async drain(): Promise<void> {
    await this.#tradeBuffer.flush();
  }

  /** `redis`: connected, and the last writes succeeded. */
  checkRedis(): CheckResult {
    const connection = this.#options.redisCheck();
    if (!connection.ok) return connection;
    const problems = [this.#tradeBuffer.problem, ...[...this.#feeds.values()].map(({ feed }) => feed.problem)];
    const problem = [...problems, this.#instrumentsProblem].find((text) => text !== '');
    if (problem === undefined) return OK;
    const { waiting, dropped } = this.#tradeBuffer;
    return failed('PublishFailing', `${problem}; ${waiting} trades waiting, ${dropped} dropped since startup`);
  }

  /** `venue-connection`: a connection is open. Pairs share connections, so one that is lost concerns its pairs only. */
  checkConnection(): CheckResult {
    const { wanted, open, problem } = this.#connections.status();
    if (wanted > 0 && open === wanted) return OK;
    const cause = problem === '' ? 'connecting' : problem;
    if (wanted === 0) return failed('NotSubscribed', 'no symbol to subscribe yet: see the check "instruments"');
    const message = `${open} of ${wanted} connections to the venue are open: ${cause}`;
    return open > 0 ? degraded('VenueDisconnected', message) : failed('VenueDisconnected', message);
  }

  /** `feed`: see checkFeeds. */
  checkFeed(): CheckResult {
    return boundedResult(checkFeeds(this.#feedViews(), this.#options.maxFeedAgeMs));
  }

  /** `instruments`: see checkInstruments. */
  checkInstruments(): CheckResult {
    return boundedResult(this.#listings.check());
  }

  figures(): Readonly<Record<string, number | string | null>> {
    const { waiting, dropped } = this.#tradeBuffer;
    const feeds = this.#feedViews();
    const ages = feeds.map(({ symbol, depthAgeMs }) => [`depthAgeMs ${symbol}`, Math.round(depthAgeMs)]);
    const problems = [...feedProblems(feeds, this.#options.maxFeedAgeMs), ...this.#listings.problems()];
    const bySymbol = Map.groupBy(problems, ({ symbol }) => symbol);
    const pairs = [...bySymbol].map(([symbol, all]) => [
      `pair ${symbol}`,
      all.map(({ reason, message }) => `${reason}: ${message}`).join('; '),
    ]);
    return {
      tradesWaiting: waiting,
      tradesDropped: dropped,
      ...Object.fromEntries(ages),
      ...Object.fromEntries(pairs),
    };
  }

  #runPass(): void {
    this.#connections.runPass();
    for (const { feed } of this.#feeds.values()) feed.runPass();
    this.#remedySilence();
    void this.#tradeBuffer.flush();
    void this.#writeInstruments();
  }

  #onFrame(frame: VenueFrame, connection: number): void {
    this.#options.metrics.frame(frame.kind);
    if (frame.kind === 'Malformed') {
      this.#options.log.warn({ connection, reason: frame.reason }, 'unreadable frame from the venue');
      void this.#frames.store(frame.reason, frame.payload);
    } else if (frame.kind === 'Refused') {
      this.#options.log.warn({ connection, problem: frame.message }, 'subscription refused by the venue');
    } else if (frame.kind === 'Trades' || frame.kind === 'Depth') this.#onData(frame, connection);
  }

  #onData(frame: VenueFrame & { kind: 'Trades' | 'Depth' }, connection: number): void {
    const feed = this.#feeds.get(frame.symbol)?.feed;
    if (feed === undefined) return;
    const channel = frame.kind === 'Trades' ? 'trades' : 'depth';
    this.#ages.touch(keyOf({ channel, symbol: frame.symbol }), this.#options.clock.monotonicMs());
    if (frame.kind === 'Depth') feed.onDepth(frame, connection);
    else {
      feed.onTrades(frame, connection);
      void this.#tradeBuffer.flush();
    }
  }

  /**
   * Starts feeds for pairs that are new or whose tick or lot size changed, and keeps all others running. So a pair that
   * leaves the list keeps its feed and its rules for as long as the venue sends its data: a position in it can be sold.
   */
  #onListed(listings: readonly Listing[]): void {
    const added = listings.map(({ instrument }) => instrument).filter(({ symbol }) => !this.#feeds.has(symbol));
    for (const { instrument } of listings) {
      const kept = this.#feeds.get(instrument.symbol);
      const same = kept?.instrument.tickSize === instrument.tickSize && kept.instrument.lotSize === instrument.lotSize;
      const feed = kept !== undefined && same ? kept.feed : this.#newFeed(instrument);
      this.#feeds.set(instrument.symbol, { feed, instrument });
    }
    this.#instrumentsMs = Number.NEGATIVE_INFINITY;
    this.#watchSymbols(added.map(({ symbol }) => symbol));
  }

  #watchSymbols(symbols: readonly string[]): void {
    if (symbols.length === 0) return;
    const streams = symbols.flatMap((symbol) => streamsOf(symbol));
    for (const stream of streams) this.#ages.watch(keyOf(stream), this.#options.clock.monotonicMs());
    const watches = streams.map((stream) => ({ stream, remedies: 0, remedyMs: Number.NEGATIVE_INFINITY }));
    this.#watches = [...this.#watches, ...watches];
    this.#connections.addSymbols(symbols);
  }

  #newFeed(instrument: Instrument): SymbolFeed {
    const { bookLevels, producer, venue, store, clock, log, metrics } = this.#options;
    return new SymbolFeed({
      instrument,
      bookLevels,
      producer,
      clock,
      log,
      metrics,
      fetchDepth: async (symbol) => await venue.depth(symbol, this.#stopping.signal),
      tradeBuffer: this.#tradeBuffer,
      publishBook: store.publishBook,
    });
  }

  #remedySilence(): void {
    const { clock, maxFeedAgeMs, metrics, log } = this.#options;
    const nowMs = clock.monotonicMs();
    for (const watch of this.#watches) {
      const { stream, remedies, remedyMs } = watch;
      // The venue sends nothing of a pair that it does not list, however often it is asked.
      if (!this.#listings.lists(stream.symbol)) continue;
      const ageMs = this.#ages.ageMs(keyOf(stream), nowMs);
      metrics.channelAge(stream.symbol, stream.channel, ageMs);
      const limits = silenceLimits(stream.channel, maxFeedAgeMs);
      if (ageMs <= limits.limitMs) watch.remedies = 0;
      const remedy = decideSilence({ ageMs, sinceRemedyMs: nowMs - remedyMs, remedies }, limits);
      if (remedy === 'None') continue;
      watch.remedies += 1;
      watch.remedyMs = nowMs;
      metrics.remedy(stream.channel, remedy);
      log.warn({ ...stream, ageMs: Math.round(ageMs), remedy }, 'channel is silent');
      if (remedy === 'Resubscribe') this.#connections.resubscribe(stream);
      else this.#connections.replace(stream);
    }
  }

  async #writeInstruments(): Promise<void> {
    const { clock, store, redisCheck } = this.#options;
    // Due right after a reconnect: Redis may have restarted empty.
    if (!redisCheck().ok) this.#instrumentsMs = Number.NEGATIVE_INFINITY;
    const due = clock.monotonicMs() - this.#instrumentsMs >= INSTRUMENTS_EVERY_MS;
    if (!due || this.#writingInstruments || this.#feeds.size === 0 || !redisCheck().ok) return;
    this.#writingInstruments = true;
    // Set before the attempt, so that a write that fails at once is not retried in every pass.
    this.#instrumentsMs = clock.monotonicMs();
    try {
      await store.putInstruments([...this.#feeds.values()].map(({ instrument }) => instrumentPayload(instrument)));
      this.#instrumentsProblem = '';
    } catch (error) {
      this.#instrumentsProblem = messageOf(error);
      this.#instrumentsMs -= INSTRUMENTS_EVERY_MS - 1_000;
    } finally {
      this.#writingInstruments = false;
    }
  }

  #feedViews(): readonly FeedView[] {
    const nowMs = this.#options.clock.monotonicMs();
    return [...this.#feeds].map(([symbol, { feed }]) => {
      const depth = keyOf({ channel: 'depth', symbol });
      const trades = keyOf({ channel: 'trades', symbol });
      return {
        symbol,
        depthAgeMs: this.#ages.ageMs(depth, nowMs),
        depthReceived: this.#ages.received(depth),
        synced: feed.synced,
        tradeAgeMs: this.#ages.received(trades) ? this.#ages.ageMs(trades, nowMs) : null,
      };
    });
  }
}

function keyOf({ channel, symbol }: Stream): string {
  return `${channel} ${symbol}`;
}

function boundedResult({ ok, reason, message }: ReadinessResult): CheckResult {
  return { ok, reason, message: message.slice(0, 500) };
}
