import type { Clock } from '../../../services/shared/runtime/clock.ts';
import type { QueueMetrics } from '../metrics.ts';
import { createTokenBucket, type TokenBucket } from './token-bucket.ts';

export type Priority = 'high' | 'normal';

export interface WorkQueueOptions {
  readonly clock: Clock;
  readonly name: string;
  /** First wait of a failing key; doubles with each failure. Default: 100 ms. */
  readonly baseDelayMs?: number;
  /** Longest wait of a failing key. Default: 60 s. */
  readonly maxDelayMs?: number;
  /** Rate limit on `addRateLimited` over all keys that are not urgent. Default: 10 per second. */
  readonly ratePerSecond?: number;
  /** Rate-limited adds allowed at once. Default: 100. */
  readonly burst?: number;
  readonly metrics?: QueueMetrics;
}

/** A key that was taken, with the highest priority of the adds it stands for. */
export interface Taken {
  readonly key: string;
  readonly priority: Priority;
}

/**
 * client-go's work queue. A key is in at most one of three states: waiting (in a lane), processing, or processing and
 * dirty. A key added while it is processed waits until `done`, so two workers never hold the same key and no add is
 * lost. Bound: one entry and one timer per key, however often it is added.
 */
export interface WorkQueue {
  /** Adds the key. `high` comes before every `normal` key and promotes a key that is already waiting. */
  add(key: string, priority?: Priority): void;
  /** Adds the key after `ms`. Of several timers for one key the earliest time and the highest priority win. */
  addAfter(key: string, ms: number, priority?: Priority): void;
  /** Adds the key after its own backoff; `normal` ones also within the rate limit over all keys. */
  addRateLimited(key: string, priority?: Priority): void;
  /** Resets the key's backoff. */
  forget(key: string): void;
  /** Rate-limited adds since the last `forget`. */
  retries(key: string): number;
  /**
   * Resolves with the next key of at least this priority (default: any), or with undefined once shut down. Call `done`
   * once for each key taken.
   */
  take(lowest?: Priority): Promise<Taken | undefined>;
  done(key: string): void;
  /** Drops all waiting keys. Reconciles are level-based, and the next start lists everything again. */
  shutDown(): void;
  /** Number of keys waiting for a worker, without those on a timer. */
  depth(): number;
}

interface Waiter {
  readonly lowest: Priority;
  readonly resolve: (taken: Taken | undefined) => void;
}

interface Timer {
  readonly atMs: number;
  priority: Priority;
  readonly cancel: AbortController;
}

/** Creates an empty queue. */
export function createWorkQueue(options: WorkQueueOptions): WorkQueue {
  return new KeyQueue(options);
}

class KeyQueue implements WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #labels: Readonly<Record<string, string>>;
  readonly #bucket: TokenBucket;
  /** Waiting keys in order, each with the monotonic time at which it was added. */
  readonly #lanes: Readonly<Record<Priority, Map<string, number>>> = { high: new Map(), normal: new Map() };
  readonly #processing = new Set<string>();
  readonly #dirty = new Map<string, Priority>();
  readonly #timers = new Map<string, Timer>();
  readonly #failures = new Map<string, number>();
  readonly #waiters: Waiter[] = [];
  #closed = false;

  constructor(options: WorkQueueOptions) {
    const { name, ratePerSecond = 10, burst = 100 } = options;
    this.#options = options;
    this.#labels = { name, controller: name };
    this.#bucket = createTokenBucket({ perSecond: ratePerSecond, burst });
  }

  add(key: string, priority: Priority = 'normal'): void {
    if (this.#closed) return;
    if (this.#processing.has(key)) {
      this.#dirty.set(key, this.#dirty.get(key) === 'high' ? 'high' : priority);
      return;
    }
    this.#enqueue(key, priority);
  }

  addAfter(key: string, ms: number, priority: Priority = 'normal'): void {
    if (ms <= 0 || this.#closed) {
      this.add(key, priority);
      return;
    }
    const { clock } = this.#options;
    const atMs = clock.monotonicMs() + ms;
    const current = this.#timers.get(key);
    const highest = current?.priority === 'high' ? 'high' : priority;
    if (current !== undefined && current.atMs <= atMs) {
      current.priority = highest;
      return;
    }
    current?.cancel.abort();
    const timer: Timer = { atMs, priority: highest, cancel: new AbortController() };
    this.#timers.set(key, timer);
    clock.sleep(ms, timer.cancel.signal).then(
      () => this.#expire(key, timer),
      () => undefined,
    );
  }

  addRateLimited(key: string, priority: Priority = 'normal'): void {
    const { clock, baseDelayMs = 100, maxDelayMs = 60_000, metrics } = this.#options;
    const failures = this.retries(key);
    this.#failures.set(key, failures + 1);
    metrics?.retries.inc(this.#labels);
    const backoffMs = Math.min(maxDelayMs, baseDelayMs * 2 ** Math.min(failures, 32));
    // Many failing keys take the tokens of the next minute. A halt must not wait behind them.
    const limitMs = priority === 'high' ? 0 : this.#bucket.reserveMs(clock.monotonicMs());
    this.addAfter(key, Math.max(backoffMs, limitMs), priority);
  }

  forget(key: string): void {
    this.#failures.delete(key);
  }

  retries(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  take(lowest: Priority = 'normal'): Promise<Taken | undefined> {
    return new Promise((resolve) => {
      const taken = this.#closed ? undefined : this.#pop(lowest);
      if (this.#closed || taken !== undefined) {
        resolve(taken);
      } else {
        this.#waiters.push({ lowest, resolve });
      }
    });
  }

  done(key: string): void {
    this.#processing.delete(key);
    const priority = this.#dirty.get(key);
    this.#dirty.delete(key);
    if (priority !== undefined && !this.#closed) this.#enqueue(key, priority);
  }

  shutDown(): void {
    this.#closed = true;
    for (const { cancel } of this.#timers.values()) cancel.abort();
    this.#timers.clear();
    this.#lanes.high.clear();
    this.#lanes.normal.clear();
    this.#dirty.clear();
    for (const { resolve } of this.#waiters.splice(0)) resolve(undefined);
  }

  depth(): number {
    return this.#lanes.high.size + this.#lanes.normal.size;
  }

  #expire(key: string, timer: Timer): void {
    // A timer that is replaced just as it expires must leave its successor in place.
    if (this.#timers.get(key) === timer) this.#timers.delete(key);
    this.add(key, timer.priority);
  }

  #enqueue(key: string, priority: Priority): void {
    const { high, normal } = this.#lanes;
    if (high.has(key) || (priority === 'normal' && normal.has(key))) return;
    const { clock, metrics } = this.#options;
    const sinceMs = normal.get(key);
    normal.delete(key);
    this.#lanes[priority].set(key, sinceMs ?? clock.monotonicMs());
    if (sinceMs === undefined) metrics?.adds.inc(this.#labels);
    const waiter = this.#nextWaiter(priority);
    waiter?.resolve(this.#pop(waiter.lowest));
    metrics?.depth.set(this.#labels, this.depth());
  }

  /** An urgent key goes to a caller that takes no others first. */
  #nextWaiter(priority: Priority): Waiter | undefined {
    const lowest = priority === 'high' && this.#waiters.some((waiter) => waiter.lowest === 'high') ? 'high' : 'normal';
    const index = this.#waiters.findIndex((waiter) => waiter.lowest === lowest);
    return index < 0 ? undefined : this.#waiters.splice(index, 1)[0];
  }

  #pop(lowest: Priority): Taken | undefined {
    const { clock, metrics } = this.#options;
    for (const priority of lowest === 'high' ? (['high'] as const) : (['high', 'normal'] as const)) {
      const lane = this.#lanes[priority];
      for (const [key, sinceMs] of lane) {
        lane.delete(key);
        this.#processing.add(key);
        metrics?.waited.observe(this.#labels, (clock.monotonicMs() - sinceMs) / 1_000);
        metrics?.depth.set(this.#labels, this.depth());
        return { key, priority };
      }
    }
    return undefined;
  }
}
