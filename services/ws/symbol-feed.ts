import type { BookPayload } from '../shared/contracts/messages/book.ts';
import { toLots, toTicks, type Instrument } from '../shared/domain/instrument.ts';
import { createBookBuilder, type BookBuilder } from '../shared/venue/book/book-builder.ts';
import type { BookLevel } from '../shared/venue/book/book-side.ts';
import type { DepthLevel, DepthSnapshot, VenueFrame } from '../shared/venue/market-data-venue.ts';
import type { PublishResult } from '../shared/redis/publisher.ts';
import type { Clock } from '../shared/runtime/clock.ts';
import { messageOf } from '../shared/runtime/errors.ts';
import type { Logger } from '../shared/runtime/logger.ts';
import { backoffMs } from '../shared/runtime/retry.ts';
import { bookPayload, tradePayload } from './core/payloads.ts';
import { createTradeMerge } from './core/trade-merge.ts';
import type { WsMetrics } from './metrics.ts';
import type { TradeBuffer } from './trade-buffer.ts';

export interface SymbolFeedOptions {
  readonly instrument: Instrument;
  readonly bookLevels: number;
  readonly producer: string;
  readonly fetchDepth: (symbol: string) => Promise<DepthSnapshot>;
  readonly tradeBuffer: Pick<TradeBuffer, 'add'>;
  readonly publishBook: (book: BookPayload) => Promise<PublishResult>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: WsMetrics;
}

/** Minimum interval between two published books; the newest wins. */
const BOOK_INTERVAL_MS = 100;
const SNAPSHOT_RETRY = { minMs: 200, maxMs: 10_000 };

type DepthFrame = VenueFrame & { kind: 'Depth' };
type TradesFrame = VenueFrame & { kind: 'Trades' };

/**
 * Feed of one symbol: publishes each trade once, builds the book from a snapshot and the diffs of one connection at a
 * time, and publishes it when it changes. States of the book: waiting for a diff; fetching a snapshot, one at a time
 * and with backoff; synced.
 */
export class SymbolFeed {
  readonly #options: SymbolFeedOptions;
  readonly #builder: BookBuilder = createBookBuilder();
  readonly #merge = createTradeMerge();
  /** The connection that the book follows: the newest that delivered depth. */
  #source = 0;
  #hasDiff = false;
  #fetching = false;
  #failures = 0;
  #retryAtMs = Number.NEGATIVE_INFINITY;
  #changed: { readonly time: number; readonly receivedAt: number } | undefined;
  #publishing = false;
  #publishedMs = Number.NEGATIVE_INFINITY;
  #tradeSeq = 0;
  #bookSeq = 0;
  #problem = '';

  constructor(options: SymbolFeedOptions) {
    this.#options = options;
  }

  get synced(): boolean {
    return this.#builder.synced;
  }

  /** Why the last book was not written; empty when it was written. */
  get problem(): string {
    return this.#problem;
  }

  onTrades(frame: TradesFrame, connection: number): void {
    const { producer, clock, metrics, tradeBuffer } = this.#options;
    const receivedAt = clock.nowMs();
    for (const trade of frame.trades) {
      if (!this.#merge.accept(connection, trade)) {
        metrics.duplicateTrade(frame.symbol);
        continue;
      }
      this.#tradeSeq += 1;
      tradeBuffer.add(tradePayload({ producer, seq: this.#tradeSeq, symbol: frame.symbol, receivedAt }, trade));
    }
  }

  onDepth({ diff, sentAt }: DepthFrame, connection: number): void {
    if (connection < this.#source) return;
    if (connection > this.#source) {
      this.#source = connection;
      this.#builder.bridge();
    }
    const levels = this.#levelsOf(diff);
    if (levels === undefined) return;
    this.#hasDiff = true;
    const outcome = this.#builder.onDiff({ ...levels, fromVersion: diff.fromVersion, toVersion: diff.toVersion });
    if (outcome.kind === 'Applied') this.#changed = { time: sentAt, receivedAt: this.#options.clock.nowMs() };
    if (outcome.kind === 'Rebuild') this.#rebuild(outcome.reason);
  }

  /** Fetches a snapshot and publishes the book when due. Call it many times a second. */
  runPass(): void {
    const nowMs = this.#options.clock.monotonicMs();
    if (!this.#builder.synced && this.#hasDiff && !this.#fetching && nowMs >= this.#retryAtMs) void this.#fetch();
    if (this.#changed !== undefined && !this.#publishing && nowMs - this.#publishedMs >= BOOK_INTERVAL_MS) {
      void this.#publish(this.#changed);
    }
  }

  async #fetch(): Promise<void> {
    const { instrument, fetchDepth, clock, log, metrics } = this.#options;
    this.#fetching = true;
    try {
      const snapshot = await fetchDepth(instrument.symbol);
      const levels = this.#levelsOf(snapshot);
      if (levels === undefined) throw new Error('snapshot has prices or quantities off the tick or lot size');
      const outcome = this.#builder.onSnapshot({ ...levels, version: snapshot.version });
      if (outcome.kind === 'Rebuild') this.#rebuild(outcome.reason);
      if (outcome.kind === 'Synced') {
        this.#failures = 0;
        this.#changed = { time: clock.nowMs(), receivedAt: clock.nowMs() };
        log.info(
          { symbol: instrument.symbol, version: snapshot.version.toString() },
          'order book rebuilt from snapshot',
        );
      }
    } catch (error) {
      metrics.snapshotFailed(instrument.symbol);
      log.warn({ symbol: instrument.symbol, problem: messageOf(error) }, 'order book snapshot failed, retrying');
    } finally {
      this.#fetching = false;
      if (!this.#builder.synced) this.#failures += 1;
      this.#retryAtMs = clock.monotonicMs() + backoffMs(Math.max(1, this.#failures), SNAPSHOT_RETRY);
    }
  }

  async #publish({ time, receivedAt }: { readonly time: number; readonly receivedAt: number }): Promise<void> {
    const { instrument, bookLevels, producer, clock, publishBook, metrics } = this.#options;
    const view = this.#builder.view(bookLevels);
    this.#changed = undefined;
    if (view === undefined) return;
    this.#publishing = true;
    this.#publishedMs = clock.monotonicMs();
    const origin = { producer, seq: this.#bookSeq + 1, symbol: instrument.symbol, receivedAt };
    const result = await publishBook(bookPayload(origin, view, instrument, time)).finally(() => {
      this.#publishing = false;
    });
    this.#problem = result.kind === 'refused' || result.kind === 'unknown' ? result.message : '';
    // A book that was certainly not written leaves its number to the next one, and is retried unless a newer book
    // exists.
    if (result.kind === 'refused') this.#changed ??= { time, receivedAt };
    else this.#bookSeq += 1;
    if (result.kind === 'ok') metrics.bookPublished(instrument.symbol);
  }

  #rebuild(reason: string): void {
    const { instrument, log, metrics } = this.#options;
    this.#changed = undefined;
    metrics.rebuild(instrument.symbol, reason);
    log.warn({ symbol: instrument.symbol, reason }, 'order book discarded, rebuilding');
  }

  /**
   * Converts levels to ticks and lots. Returns undefined and discards the book when a level is off the tick or lot
   * size, which means that the venue changed them.
   */
  #levelsOf({
    bids,
    asks,
  }: Pick<DepthSnapshot, 'bids' | 'asks'>): { bids: BookLevel[]; asks: BookLevel[] } | undefined {
    const { instrument } = this.#options;
    const level = ([price, quantity]: DepthLevel): BookLevel => ({
      price: toTicks(price, instrument),
      quantity: toLots(quantity, instrument),
    });
    try {
      return { bids: bids.map(level), asks: asks.map(level) };
    } catch (error) {
      this.#builder.reset();
      this.#rebuild('BetweenSteps');
      this.#options.log.warn(
        { symbol: instrument.symbol, problem: messageOf(error) },
        'order book level off the tick or lot size',
      );
      return undefined;
    }
  }
}
