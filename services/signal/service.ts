import type { TradeMessage } from '../shared/contracts/messages/trade.ts';
import type { StrategySettings } from '../shared/contracts/services/signal.ts';
import type { StreamEntry } from '../shared/redis/stream-entry.ts';
import type { Clock } from '../shared/runtime/clock.ts';
import { messageOf } from '../shared/runtime/errors.ts';
import { failed, OK, type CheckResult } from '../shared/runtime/health.ts';
import type { Logger } from '../shared/runtime/logger.ts';
import { pause } from '../shared/runtime/periodic.ts';
import { retry } from '../shared/runtime/retry.ts';
import type { ServicePart } from '../shared/runtime/service-part.ts';
import { createCatchUp } from './core/catch-up.ts';
import { createFeedSilence, type FeedSilence } from './core/feed-silence.ts';
import { createSignalEngine, type SignalEngine } from './core/signal-engine.ts';
import { strategyProblem, warmingText, type StrategyView } from './core/strategy-check.ts';
import type { SignalMetrics } from './metrics.ts';
import type { SignalStore } from './ports.ts';
import { SignalBuffer } from './signal-buffer.ts';

export interface SignalOptions {
  readonly strategies: readonly StrategySettings[];
  readonly release: string;
  readonly store: SignalStore;
  /** Whether the Redis connection is ready. */
  readonly redisCheck: () => CheckResult;
  /** Whether the trades reader has joined its streams. */
  readonly readerCheck: () => CheckResult;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: SignalMetrics;
}

const PASS_MS = 100;
const RETRY = { minMs: 100, maxMs: 2_000 };
const BOOK_IDS_EVERY_MS = 10_000;

/**
 * Turns trades into signals. States: restoring (reads the stances of the previous run; trades wait); behind (reads the
 * history; bars close by trades alone, and only the newest signals are kept); live (bars also close by the clock, and
 * signals are published). Falls back to behind when the reader fails.
 */
export class SignalService implements ServicePart {
  readonly name = 'strategies';
  readonly #options: SignalOptions;
  readonly #engine: SignalEngine;
  readonly #buffer: SignalBuffer;
  readonly #catchUp = createCatchUp();
  readonly #restored = Promise.withResolvers<void>();
  readonly #silence: FeedSilence;
  #readingIds = false;
  #readingBookIds = false;
  #bookIdsMs = Number.NEGATIVE_INFINITY;
  #live = false;
  #storing = false;

  constructor(options: SignalOptions) {
    const { strategies, release, store, clock, metrics } = options;
    this.#options = options;
    this.#engine = createSignalEngine({ strategies, release });
    this.#buffer = new SignalBuffer({
      publish: async (signal) => await store.publishSignal(signal),
      clock,
      metrics,
    });
    this.#silence = createFeedSilence(this.#engine.series, clock.monotonicMs());
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    await this.#restore(signal);
    while (!signal.aborted) {
      this.#runPass();
      await pause(clock, PASS_MS, signal);
    }
  }

  async drain(): Promise<void> {
    if (this.#live) await this.#send();
  }

  /** Processes trades from the reader: in order within each stream, from the oldest entry. */
  async onTrades(entries: readonly StreamEntry<TradeMessage>[]): Promise<void> {
    await this.#restored.promise;
    const { clock, metrics } = this.#options;
    const nowMs = clock.monotonicMs();
    for (const { stream, id, payload } of entries) {
      metrics.trade(payload.symbol);
      this.#silence.onTrade(payload.symbol, nowMs);
      this.#buffer.add(this.#engine.onTrade(payload));
      this.#catchUp.seen(stream, id, nowMs);
    }
    if (this.#live) await this.#send();
    else this.#buffer.keepNewest();
  }

  /** `redis`: connected, and the last signal was written. */
  checkRedis(): CheckResult {
    const connection = this.#options.redisCheck();
    if (!connection.ok) return connection;
    const { problem } = this.#buffer;
    return problem === '' ? OK : failed('PublishFailing', problem);
  }

  /** `feed`: the reader has joined the streams, the history is read, and the pairs show signs of life. */
  checkFeed(): CheckResult {
    const reader = this.#options.readerCheck();
    if (!reader.ok) return reader;
    if (!this.#live) return failed('HistoryLoading', 'reading the trade history');
    return this.#silence.check(this.#options.clock.monotonicMs());
  }

  /**
   * `strategies`: every strategy decides on whole bars. It never fails: a process that is not ready would not help, and
   * what a strategy lacks comes with time alone.
   */
  checkStrategies(): CheckResult {
    if (!this.#live) return OK;
    const problems = this.#engine.strategies.flatMap((view) => strategyProblem(view) ?? []);
    const [first] = problems;
    const texts = first === undefined ? this.#warming().map(warmingLine) : problems.map(({ message }) => message);
    return { ok: true, reason: first?.reason ?? OK.reason, message: texts.join('; ').slice(0, 500) };
  }

  figures(): Readonly<Record<string, number | string | null>> {
    const bars = this.#engine.series.map(({ symbol, barSeconds, bars, warmUp }) => [
      `bars ${symbol} ${barSeconds}s`,
      `${bars}, ${warmUp} needed`,
    ]);
    const stances = this.#engine
      .records()
      .map(({ strategy, symbol, stance }) => [`stance ${strategy}:${symbol}`, stance]);
    const warming = this.#warming().map((view) => [`warming ${view.strategy}:${view.symbol}`, warmingText(view)]);
    return { ...Object.fromEntries(bars), ...Object.fromEntries(stances), ...Object.fromEntries(warming) };
  }

  #warming(): readonly StrategyView[] {
    return this.#engine.strategies.filter(({ bars, warmUp }) => bars < warmUp);
  }

  async #restore(signal: AbortSignal): Promise<void> {
    const { store, clock, log } = this.#options;
    const read = async () => await store.readStances();
    const onRetry = (error: unknown) =>
      log.warn({ problem: messageOf(error) }, 'reading the stored stances failed, retrying');
    const kept = await retry(read, { clock, signal, ...RETRY, onRetry }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
    for (const record of kept?.records ?? []) this.#engine.restore(record);
    if (kept !== undefined) {
      log.info({ stances: this.#engine.records().length, malformed: kept.malformed }, 'stances restored');
    }
    // Resolved also when the process stops: the reader waits for it.
    this.#restored.resolve();
  }

  #runPass(): void {
    const { clock, readerCheck, metrics } = this.#options;
    const nowMs = clock.monotonicMs();
    for (const series of this.#engine.series) metrics.series(series);
    if (!readerCheck().ok) this.#catchUp.lose();
    else if (this.#catchUp.lost) void this.#readNewestIds();
    void this.#readBookIds(nowMs);
    const wasLive = this.#live;
    this.#live = this.#catchUp.done(nowMs);
    if (!this.#live) return;
    this.#buffer.add(this.#engine.onClock(clock.nowMs()));
    // The last signals of the history may be old: publish only the current stances.
    if (!wasLive) this.#buffer.keepNewest();
    void this.#send();
  }

  /** Reads the newest IDs of the streams, at most one read at a time. */
  async #readNewestIds(): Promise<void> {
    if (this.#readingIds) return;
    this.#readingIds = true;
    const { store, clock, log } = this.#options;
    try {
      this.#catchUp.expect(await store.newestIds(), clock.monotonicMs());
    } catch (error) {
      log.warn({ problem: messageOf(error) }, 'reading the newest IDs of the trade streams failed, retrying');
    } finally {
      this.#readingIds = false;
    }
  }

  /** Reads the newest IDs of the book streams now and then, at most one read at a time. */
  async #readBookIds(nowMs: number): Promise<void> {
    if (this.#readingBookIds || nowMs - this.#bookIdsMs < BOOK_IDS_EVERY_MS) return;
    this.#readingBookIds = true;
    this.#bookIdsMs = nowMs;
    const { store, clock, log } = this.#options;
    try {
      this.#silence.onBookIds(await store.newestBookIds(), clock.monotonicMs());
    } catch (error) {
      log.warn({ problem: messageOf(error) }, 'reading the newest IDs of the book streams failed, retrying');
    } finally {
      this.#readingBookIds = false;
    }
  }

  async #send(): Promise<void> {
    if (!(await this.#buffer.flush())) return;
    const { metrics, store, log } = this.#options;
    const records = this.#engine.records();
    for (const { strategy, symbol, stance } of records) metrics.stance(strategy, symbol, stance === 'Long');
    if (this.#storing) return;
    this.#storing = true;
    try {
      await store.putStances(records);
    } catch (error) {
      // The next signal stores them again. A restart before that replays the history from the previously stored
      // stances.
      log.warn({ problem: messageOf(error) }, 'storing the stances failed, retrying with the next signal');
    } finally {
      this.#storing = false;
    }
  }
}

function warmingLine(view: StrategyView): string {
  return `${view.strategy} on ${view.symbol} warms up: ${warmingText(view)}`;
}
