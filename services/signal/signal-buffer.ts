import type { SignalPayload } from '../shared/contracts/messages/signal.ts';
import type { PublishResult } from '../shared/redis/publisher.ts';
import type { Clock } from '../shared/runtime/clock.ts';
import type { SignalMetrics } from './metrics.ts';

export interface SignalBufferOptions {
  /** Never rejects because of Redis. */
  readonly publish: (signal: SignalPayload) => Promise<PublishResult>;
  readonly clock: Clock;
  readonly metrics: SignalMetrics;
}

const CAPACITY = 1_000;
const RETRY_MS = 250;

/**
 * Buffers signals for Redis, in order. Each repeats its strategy's stance, so while Redis is unavailable only the
 * newest of each strategy and symbol is kept. A signal that may have been written is never sent again: the next bar
 * repeats it.
 */
export class SignalBuffer {
  readonly #options: SignalBufferOptions;
  #waiting: SignalPayload[] = [];
  #busy = false;
  #retryAtMs = Number.NEGATIVE_INFINITY;
  #problem = '';

  constructor(options: SignalBufferOptions) {
    this.#options = options;
  }

  add(signals: readonly SignalPayload[]): void {
    this.#waiting.push(...signals);
    if (this.#waiting.length > CAPACITY) this.keepNewest();
  }

  /** Drops all but the newest signal of each strategy and symbol. */
  keepNewest(): void {
    const newest = new Map(this.#waiting.map((signal) => [`${signal.strategy}:${signal.symbol}`, signal]));
    for (let index = newest.size; index < this.#waiting.length; index += 1) {
      this.#options.metrics.notPublished('Superseded');
    }
    this.#waiting = [...newest.values()];
  }

  /** Writes the waiting signals. Returns true when at least one was written. */
  async flush(): Promise<boolean> {
    if (this.#busy || this.#options.clock.monotonicMs() < this.#retryAtMs) return false;
    this.#busy = true;
    try {
      return await this.#flushAll();
    } finally {
      this.#busy = false;
    }
  }

  /** Why the last write failed; empty when it succeeded. */
  get problem(): string {
    return this.#problem;
  }

  async #flushAll(): Promise<boolean> {
    const { publish, metrics, clock } = this.#options;
    let written = false;
    for (let signal = this.#waiting.shift(); signal !== undefined; signal = this.#waiting.shift()) {
      const result = await publish(signal);
      if (result.kind === 'refused') {
        this.#problem = `${result.reason}: ${result.message}`;
        this.#waiting.unshift(signal);
        this.keepNewest();
        this.#retryAtMs = clock.monotonicMs() + RETRY_MS;
        return written;
      }
      this.#problem = result.kind === 'unknown' ? result.message : '';
      if (result.kind === 'unknown') metrics.notPublished('OutcomeUnknown');
      else metrics.published(signal.strategy);
      written ||= result.kind !== 'unknown';
    }
    return written;
  }
}
