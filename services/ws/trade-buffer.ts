import type { TradePayload } from '../shared/contracts/messages/trade.ts';
import type { PublishResult } from '../shared/redis/publisher.ts';
import type { Clock } from '../shared/runtime/clock.ts';
import type { WsMetrics } from './metrics.ts';

export interface TradeBufferOptions {
  /** Writes the trades and returns a result for each, in the same order. Never rejects because of Redis. */
  readonly publishTrades: (trades: readonly TradePayload[]) => Promise<readonly PublishResult[]>;
  readonly clock: Clock;
  readonly metrics: WsMetrics;
  /** Maximum number of trades held. Beyond it the oldest are dropped and leave gaps in the sequence numbers. */
  readonly capacity?: number;
}

const BATCH = 200;
const RETRY_MS = 250;

/**
 * Buffers trades for Redis, in order. A trade that Redis refused is retried; one that may have been written never is.
 * While Redis is unavailable, at most `capacity` trades wait. A longer outage loses the oldest, and every reader sees
 * the gap in the sequence numbers.
 */
export class TradeBuffer {
  readonly #options: TradeBufferOptions;
  readonly #capacity: number;
  #waiting: TradePayload[] = [];
  #flushing: Promise<void> | undefined;
  #retryAtMs = Number.NEGATIVE_INFINITY;
  #dropped = 0;
  #problem = '';

  constructor(options: TradeBufferOptions) {
    this.#options = options;
    this.#capacity = options.capacity ?? 5_000;
  }

  add(trade: TradePayload): void {
    if (this.#waiting.length >= this.#capacity) {
      this.#waiting.shift();
      this.#drop('BufferFull');
    }
    this.#waiting.push(trade);
  }

  /**
   * Writes the waiting trades. Joins a write in progress; does nothing within 250 ms of a refusal. Resolves when no
   * more can be written now.
   */
  async flush(): Promise<void> {
    if (this.#options.clock.monotonicMs() < this.#retryAtMs) return;
    this.#flushing ??= this.#flushAll().finally(() => {
      this.#flushing = undefined;
    });
    await this.#flushing;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  get dropped(): number {
    return this.#dropped;
  }

  /** Why the last write failed or has an unknown outcome; empty when it succeeded. */
  get problem(): string {
    return this.#problem;
  }

  async #flushAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, BATCH);
      const results = await this.#options.publishTrades(batch);
      const refused = batch.filter((trade, index) => this.#settle(trade, results[index]));
      if (refused.length === 0) continue;
      this.#giveBack(refused);
      this.#retryAtMs = this.#options.clock.monotonicMs() + RETRY_MS;
      return;
    }
  }

  /** Records the outcome of a trade. Returns true when it was certainly not written. */
  #settle(trade: TradePayload, result: PublishResult | undefined): boolean {
    if (result?.kind === 'refused') {
      this.#problem = `${result.reason}: ${result.message}`;
      return true;
    }
    if (result?.kind === 'ok') {
      this.#problem = '';
      this.#options.metrics.tradesPublished(trade.symbol, 1);
    } else {
      this.#problem = result?.kind === 'unknown' ? result.message : 'no answer';
      this.#drop('OutcomeUnknown');
    }
    return false;
  }

  #giveBack(refused: readonly TradePayload[]): void {
    const all = [...refused, ...this.#waiting];
    const tooMany = Math.max(0, all.length - this.#capacity);
    for (let index = 0; index < tooMany; index += 1) this.#drop('BufferFull');
    this.#waiting = all.slice(tooMany);
  }

  #drop(reason: 'BufferFull' | 'OutcomeUnknown'): void {
    this.#dropped += 1;
    this.#options.metrics.tradeDropped(reason);
  }
}
