import type { BookPayload } from '../../shared/contracts/messages/book.ts';
import { toLots, toTicks, type Instrument } from '../../shared/domain/instrument.ts';
import { createBookBuilder, type BookBuilder } from '../../shared/venue/book/book-builder.ts';
import type { BookLevel } from '../../shared/venue/book/book-side.ts';
import type { DepthLevel, DepthSnapshot, VenueFrame } from '../../shared/venue/market-data-venue.ts';
import type { PublishResult } from '../../shared/redis/publisher.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { messageOf } from '../../shared/runtime/errors.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { backoffMs } from '../../shared/runtime/retry.ts';
import { bookPayload } from '../core/payloads.ts';
import { verifyAfterMs } from '../core/verification-rules.ts';
import type { WsMetrics } from '../metrics.ts';
import { BookVerifier } from './book-verifier.ts';

export interface BookFeedOptions {
  readonly bookLevels: number;
  readonly maxFeedAgeMs: number;
  readonly producer: string;
  readonly fetchDepth: (symbol: string) => Promise<DepthSnapshot>;
  readonly fetchVersion: (symbol: string) => Promise<bigint>;
  readonly publishBook: (book: BookPayload) => Promise<PublishResult>;
  /** The venue has changes that the channel did not deliver. */
  readonly onDead: () => void;
  /** A level is off the tick or lot size of the venue's list, so the list is no longer true. */
  readonly onOffStep: () => void;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: WsMetrics;
}

/** Minimum interval between two published books; the newest wins. */
const BOOK_INTERVAL_MS = 100;
/** A book that does not change sends no diff. The snapshot waits this long for a first one, and then goes without. */
const FIRST_DIFF_MS = 500;
const SNAPSHOT_RETRY = { minMs: 200, maxMs: 10_000 };

type DepthFrame = VenueFrame & { kind: 'Depth' };

/** The time of a book: the venue's of its last change, and ours at which it was last known to be current. */
interface BookTime {
  readonly time: number;
  readonly receivedAt: number;
}

/**
 * Book of one symbol, from a snapshot and the diffs of one connection at a time. It is published when it changes, and
 * again when the venue confirms it unchanged. States: waiting for a diff; fetching a snapshot, one at a time and with
 * backoff; synced, and verified while no diff arrives.
 */
export class BookFeed {
  readonly #options: BookFeedOptions;
  readonly #builder: BookBuilder = createBookBuilder();
  readonly #verifier: BookVerifier;
  readonly #watchedMs: number;
  #instrument: Instrument;
  /** The connection that the book follows: the newest that delivered depth. */
  #source = 0;
  /** When the first snapshot may be fetched; infinite while the depth is not subscribed. */
  #startAtMs = Number.POSITIVE_INFINITY;
  #retryAtMs = Number.NEGATIVE_INFINITY;
  #fetching = false;
  #failures = 0;
  #currentMs: number | undefined;
  #changedAt = 0;
  #toPublish: BookTime | undefined;
  #publishing = false;
  #publishedMs = Number.NEGATIVE_INFINITY;
  #seq = 0;
  #problem = '';
  #offStep = '';

  constructor(instrument: Instrument, options: BookFeedOptions) {
    const { fetchVersion, clock, log, metrics } = options;
    const { symbol } = instrument;
    this.#instrument = instrument;
    this.#options = options;
    this.#watchedMs = clock.monotonicMs();
    this.#verifier = new BookVerifier({
      symbol,
      fetchVersion: async () => await fetchVersion(symbol),
      version: () => this.#builder.view(0)?.version,
      onCurrent: ({ monotonicMs, nowMs }) => this.#confirm(monotonicMs, nowMs),
      onBehind: () => this.#onBehind(),
      clock,
      log,
      metrics,
    });
  }

  get synced(): boolean {
    return this.#builder.synced;
  }

  /** Why the last book was not written; empty when it was written. */
  get problem(): string {
    return this.#problem;
  }

  /** The level that was off the steps of the venue's list; empty once a book was built, or the steps are new. */
  get offStep(): string {
    return this.#offStep;
  }

  /** Since depth was last received or confirmed; since the start while it never was. */
  ageMs(nowMs: number): number {
    return nowMs - (this.#currentMs ?? this.#watchedMs);
  }

  /** Whether depth was ever received or confirmed. */
  get received(): boolean {
    return this.#currentMs !== undefined;
  }

  /** Takes new rules of the venue. Other steps discard the book. */
  setInstrument(instrument: Instrument): void {
    const { tickSize, lotSize } = this.#instrument;
    this.#instrument = instrument;
    if (instrument.tickSize === tickSize && instrument.lotSize === lotSize) return;
    [this.#offStep, this.#failures, this.#retryAtMs] = ['', 0, Number.NEGATIVE_INFINITY];
    this.#discard('StepsChanged');
  }

  /** A connection has subscribed to the depth. */
  onSubscribed(): void {
    this.#startAtMs = Math.min(this.#startAtMs, this.#options.clock.monotonicMs() + FIRST_DIFF_MS);
  }

  onDepth({ diff, sentAt }: DepthFrame, connection: number): void {
    if (connection < this.#source) return;
    if (connection > this.#source) {
      this.#source = connection;
      this.#builder.bridge();
    }
    const nowMs = this.#options.clock.monotonicMs();
    this.#currentMs = nowMs;
    const levels = this.#levelsOf(diff);
    if (levels === undefined) return;
    this.#startAtMs = Math.min(this.#startAtMs, nowMs);
    const outcome = this.#builder.onDiff({ ...levels, fromVersion: diff.fromVersion, toVersion: diff.toVersion });
    if (outcome.kind === 'Applied') this.#onChange(sentAt, this.#options.clock.nowMs());
    if (outcome.kind === 'Rebuild') this.#rebuild(outcome.reason);
  }

  /**
   * Fetches a snapshot, verifies the book and publishes it, each when due. Call it many times a second. `isOpen`:
   * whether a connection carries the depth; without one, nothing is asked. `mayAsk` paces the requests.
   */
  runPass(isOpen: boolean, mayAsk: () => boolean): void {
    const nowMs = this.#options.clock.monotonicMs();
    if (isOpen && this.#needsSnapshot(nowMs) && mayAsk()) void this.#fetch();
    const isOld = this.ageMs(nowMs) >= verifyAfterMs(this.#options.maxFeedAgeMs);
    this.#verifier.runPass(isOpen && this.#builder.synced && isOld, mayAsk);
    if (this.#toPublish !== undefined && !this.#publishing && nowMs - this.#publishedMs >= BOOK_INTERVAL_MS) {
      void this.#publish(this.#toPublish);
    }
  }

  #needsSnapshot(nowMs: number): boolean {
    return !this.#builder.synced && !this.#fetching && nowMs >= Math.max(this.#startAtMs, this.#retryAtMs);
  }

  #onChange(time: number, receivedAt: number): void {
    this.#changedAt = time;
    this.#toPublish = { time, receivedAt };
  }

  /** The book is that of the venue at the time of the request. A change that arrived since is newer proof. */
  #confirm(monotonicMs: number, nowMs: number): void {
    if (this.#currentMs !== undefined && monotonicMs <= this.#currentMs) return;
    this.#currentMs = monotonicMs;
    this.#toPublish ??= { time: this.#changedAt, receivedAt: nowMs };
  }

  #onBehind(): void {
    this.#discard('Behind');
    this.#options.onDead();
  }

  async #fetch(): Promise<void> {
    const { fetchDepth, clock, log, metrics } = this.#options;
    const { symbol } = this.#instrument;
    const requested = { monotonicMs: clock.monotonicMs(), nowMs: clock.nowMs() };
    this.#fetching = true;
    try {
      const snapshot = await fetchDepth(symbol);
      const levels = this.#levelsOf(snapshot);
      if (levels === undefined) throw new Error('snapshot has prices or quantities off the tick or lot size');
      const outcome = this.#builder.onSnapshot({ ...levels, version: snapshot.version });
      if (outcome.kind === 'Rebuild') this.#rebuild(outcome.reason);
      if (outcome.kind === 'Synced') {
        [this.#failures, this.#offStep] = [0, ''];
        this.#currentMs = Math.max(this.#currentMs ?? requested.monotonicMs, requested.monotonicMs);
        this.#onChange(requested.nowMs, requested.nowMs);
        log.info({ symbol, version: snapshot.version.toString() }, 'order book rebuilt from snapshot');
      }
    } catch (error) {
      metrics.snapshotFailed(symbol);
      log.warn({ symbol, problem: messageOf(error) }, 'order book snapshot failed, retrying');
    } finally {
      this.#fetching = false;
      if (!this.#builder.synced) this.#failures += 1;
      this.#retryAtMs = clock.monotonicMs() + backoffMs(Math.max(1, this.#failures), SNAPSHOT_RETRY, clock.random);
    }
  }

  async #publish({ time, receivedAt }: BookTime): Promise<void> {
    const { bookLevels, producer, clock, publishBook, metrics } = this.#options;
    const { symbol } = this.#instrument;
    const view = this.#builder.view(bookLevels);
    this.#toPublish = undefined;
    if (view === undefined) return;
    this.#publishing = true;
    this.#publishedMs = clock.monotonicMs();
    const origin = { producer, seq: this.#seq + 1, symbol, receivedAt };
    const result = await publishBook(bookPayload(origin, view, this.#instrument, time)).finally(() => {
      this.#publishing = false;
    });
    this.#problem = result.kind === 'refused' || result.kind === 'unknown' ? result.message : '';
    // A book that was certainly not written leaves its number to the next one, and is retried unless a newer book
    // exists.
    if (result.kind === 'refused') this.#toPublish ??= { time, receivedAt };
    else this.#seq += 1;
    if (result.kind === 'ok') metrics.bookPublished(symbol);
  }

  #discard(reason: string): void {
    this.#builder.reset();
    this.#rebuild(reason);
  }

  #rebuild(reason: string): void {
    const { log, metrics } = this.#options;
    const { symbol } = this.#instrument;
    this.#toPublish = undefined;
    metrics.rebuild(symbol, reason);
    log.warn({ symbol, reason }, 'order book discarded, rebuilding');
  }

  /**
   * Converts levels to ticks and lots. Returns undefined and discards the book when a level is off the tick or lot
   * size, which means that the venue changed them.
   */
  #levelsOf({
    bids,
    asks,
  }: Pick<DepthSnapshot, 'bids' | 'asks'>): { bids: BookLevel[]; asks: BookLevel[] } | undefined {
    const level = ([price, quantity]: DepthLevel): BookLevel => ({
      price: toTicks(price, this.#instrument),
      quantity: toLots(quantity, this.#instrument),
    });
    try {
      return { bids: bids.map(level), asks: asks.map(level) };
    } catch (error) {
      this.#offStep = messageOf(error);
      this.#discard('BetweenSteps');
      this.#options.onOffStep();
      const { symbol } = this.#instrument;
      this.#options.log.warn({ symbol, problem: this.#offStep }, 'order book level off the tick or lot size');
      return undefined;
    }
  }
}
