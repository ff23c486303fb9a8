import { UnreadFrames } from '../shared/venue/unread-frames.ts';
import type { MarketDataVenue, VenueFrame } from '../shared/venue/market-data-venue.ts';
import type { Listing } from '../shared/venue/listing.ts';
import type { Instrument } from '../shared/domain/instrument.ts';
import type { Clock } from '../shared/runtime/clock.ts';
import { messageOf } from '../shared/runtime/errors.ts';
import { degraded, failed, OK, type CheckResult } from '../shared/runtime/health.ts';
import type { Logger } from '../shared/runtime/logger.ts';
import { pause } from '../shared/runtime/periodic.ts';
import { retry } from '../shared/runtime/retry.ts';
import type { ServicePart } from '../shared/runtime/service-part.ts';
import { ConnectionPool } from './connection-pool.ts';
import { checkFeeds, feedProblems, type FeedView } from './core/feed-check.ts';
import { instrumentPayload } from './core/payloads.ts';
import type { ReadinessResult } from './core/readiness-result.ts';
import type { MergeTrade } from './core/trade-merge.ts';
import { SymbolFeed } from './feed/symbol-feed.ts';
import { createVenueRequests, type VenueRequests } from './feed/venue-requests.ts';
import { ListingPoller } from './listing-poller.ts';
import type { WsMetrics } from './metrics.ts';
import type { MarketDataStore } from './ports.ts';
import { RequestPacer } from './request-pacer.ts';
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
/** As many as the venue's list has. */
const PUBLISHED_TRADES = 1_000;
const RETRY = { minMs: 100, maxMs: 2_000 };
const REFUSALS_MAX = 5;
/** Instruments are rewritten periodically, because Redis may return empty after a restart. */
const INSTRUMENTS_EVERY_MS = 15_000;

/**
 * Publishes the venue's public market data to Redis. All periodic work runs in one loop: first the connections, then
 * the feed of each symbol.
 */
export class WsService implements ServicePart {
  readonly name = 'market data';
  readonly #options: WsOptions;
  readonly #tradeBuffer: TradeBuffer;
  readonly #frames: UnreadFrames;
  readonly #connections: ConnectionPool;
  readonly #listings: ListingPoller;
  readonly #stopping = new AbortController();
  readonly #pacer = new RequestPacer();
  readonly #venue: VenueRequests;
  readonly #feeds = new Map<string, SymbolFeed>();
  readonly #published = new Map<string, readonly MergeTrade[]>();
  #instrumentsMs = Number.NEGATIVE_INFINITY;
  #instrumentsProblem = '';
  #writingInstruments = false;

  constructor(options: WsOptions) {
    const { clock, log, metrics, store, symbols, venue } = options;
    this.#options = options;
    this.#venue = createVenueRequests({ venue, pacer: this.#pacer, clock, signal: this.#stopping.signal });
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
      onSubscribed: (symbol, isGap) => this.#feeds.get(symbol)?.onSubscribed(isGap),
    });
    this.#listings = new ListingPoller({
      symbols,
      clock,
      log,
      fetchListings: this.#venue.listings,
      onListed: (listings) => this.#onListed(listings),
    });
  }

  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.#stopping.abort(), { once: true });
    const polling = this.#start(signal);
    while (!signal.aborted) {
      this.#runPass();
      await pause(this.#options.clock, PASS_MS, signal);
    }
    this.#connections.close();
    await polling;
  }

  /** Feeds start with the list of pairs, and need to know by then what was published before. */
  async #start(signal: AbortSignal): Promise<void> {
    await this.#readPublished(signal);
    await this.#listings.run(signal);
  }

  /**
   * Waits for Redis: without it nothing can be published. A Redis that answers and refuses, as for a right that its
   * user lacks, stops the market data of no pair: after some attempts nothing counts as published.
   */
  async #readPublished(signal: AbortSignal): Promise<void> {
    const { symbols, store, clock, log, redisCheck } = this.#options;
    let refusals = 0;
    const retryable = () => {
      if (redisCheck().ok) refusals += 1;
      return refusals < REFUSALS_MAX;
    };
    const read = async () => {
      for (const symbol of symbols) this.#published.set(symbol, await store.newestTrades(symbol, PUBLISHED_TRADES));
    };
    await retry(read, { clock, signal, ...RETRY, retryable }).catch((error: unknown) => {
      if (!signal.aborted) log.warn({ problem: messageOf(error) }, 'the published trades are unknown');
    });
  }

  async drain(): Promise<void> {
    await this.#tradeBuffer.flush();
  }

  /** `redis`: connected, and the last writes succeeded. */
  checkRedis(): CheckResult {
    const connection = this.#options.redisCheck();
    if (!connection.ok) return connection;
    const problems = [this.#tradeBuffer.problem, ...[...this.#feeds.values()].map(({ problem }) => problem)];
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
    this.#runFeeds();
    void this.#tradeBuffer.flush();
    void this.#writeInstruments();
  }

  /**
   * The feed with the oldest book gets the next request to the venue. Its own backoff keeps it from starving the
   * others.
   */
  #runFeeds(): void {
    const nowMs = this.#options.clock.monotonicMs();
    const mayAsk = () => this.#pacer.take(nowMs);
    const oldestFirst = [...this.#feeds.values()].sort((a, b) => b.bookAgeMs(nowMs) - a.bookAgeMs(nowMs));
    for (const feed of oldestFirst) feed.runPass(mayAsk);
    for (const { symbol, depthAgeMs, tradeAgeMs } of this.#feedViews()) {
      this.#options.metrics.channelAge(symbol, 'depth', depthAgeMs);
      if (tradeAgeMs !== null) this.#options.metrics.channelAge(symbol, 'trades', tradeAgeMs);
    }
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
    this.#feeds.get(frame.symbol)?.onData(frame, connection);
    if (frame.kind === 'Trades') void this.#tradeBuffer.flush();
  }

  /**
   * Starts feeds for pairs that are new, and keeps all others running. So a pair that leaves the list keeps its feed
   * and its rules for as long as the venue sends its data: a position in it can be sold.
   */
  #onListed(listings: readonly Listing[]): void {
    for (const { instrument } of listings) {
      const feed = this.#feeds.get(instrument.symbol);
      if (feed === undefined) this.#feeds.set(instrument.symbol, this.#newFeed(instrument));
      else feed.setInstrument(instrument);
    }
    this.#instrumentsMs = Number.NEGATIVE_INFINITY;
    this.#connections.addSymbols(listings.map(({ instrument }) => instrument.symbol));
  }

  #newFeed(instrument: Instrument): SymbolFeed {
    const { bookLevels, maxFeedAgeMs, producer, store, clock, log, metrics } = this.#options;
    const published = this.#published.get(instrument.symbol) ?? [];
    this.#published.delete(instrument.symbol);
    return new SymbolFeed(instrument, {
      bookLevels,
      maxFeedAgeMs,
      producer,
      clock,
      log,
      metrics,
      venue: this.#venue,
      connections: this.#connections,
      isListed: () => this.#listings.lists(instrument.symbol),
      onOffStep: () => this.#listings.doubt(),
      published,
      publishTrade: (trade) => this.#tradeBuffer.add(trade),
      publishBook: store.publishBook,
    });
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
    return [...this.#feeds.values()].map((feed) => feed.view(nowMs));
  }
}

function boundedResult({ ok, reason, message }: ReadinessResult): CheckResult {
  return { ok, reason, message: message.slice(0, 500) };
}
