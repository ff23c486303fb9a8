import type { Clock } from '../../../services/shared/runtime/clock.ts';
import type { Logger } from '../../../services/shared/runtime/logger.ts';
import { KubeError, isKubeError } from '../client/kube-error.ts';
import type { LastWritten } from '../cache/last-written.ts';
import type { ControllerMetrics } from '../metrics.ts';
import { createWorkQueue, type Priority, type WorkQueue, type WorkQueueOptions } from './work-queue.ts';

/** `{}` awaits the next change; a number also comes back after that long. */
export interface ReconcileResult {
  readonly requeueAfterMs?: number;
}

/** Looks at the state behind `key` and moves it one step towards what is wanted. Level-based and idempotent. */
export type Reconcile = (key: string, signal: AbortSignal) => Promise<ReconcileResult>;

/** Trying again cannot help until the object changes. */
export class TerminalError extends Error {
  override readonly name = 'TerminalError';
}

export interface ControllerOptions {
  readonly name: string;
  readonly reconcile: Reconcile;
  readonly clock: Clock;
  readonly log: Logger;
  readonly workers?: number;
  /** When the reconcile's signal fires; the key stays taken until the reconcile really ends. */
  readonly timeoutMs?: number;
  readonly metrics?: ControllerMetrics;
  readonly lastWritten?: LastWritten;
  readonly queue?: Omit<WorkQueueOptions, 'clock' | 'name'>;
}

export interface Controller {
  enqueue(key: string, priority?: Priority): void;
  /** Works until the signal, then waits for the reconciles in hand. Once only. */
  run(signal: AbortSignal): Promise<void>;
  /** No key waits and none is in hand; timers may be running. */
  idle(): boolean;
}

/** How soon a key that waits for the cache is looked at again; the awaited event wakes it sooner. */
const OWN_WRITE_POLL_MS = 100;

interface Worker {
  readonly options: ControllerOptions;
  readonly queue: WorkQueue;
}

/** Retry policy lives here and nowhere else: a reconcile either returns or throws. */
export function createController(options: ControllerOptions): Controller {
  const { name, clock, metrics, workers = 2 } = options;
  const queue = createWorkQueue({ ...options.queue, clock, name });
  let active = 0;

  async function work(signal: AbortSignal): Promise<void> {
    for (let key = await queue.take(); key !== undefined; key = await queue.take()) {
      active += 1;
      metrics?.active.set({ controller: name }, active);
      try {
        await processKey({ options, queue }, key, signal);
      } finally {
        active -= 1;
        metrics?.active.set({ controller: name }, active);
        queue.done(key);
      }
    }
  }

  return {
    enqueue: (key, priority) => queue.add(key, priority),
    idle: () => active === 0 && queue.depth() === 0,
    run: async (signal) => {
      if (signal.aborted) queue.shutDown();
      signal.addEventListener('abort', () => queue.shutDown(), { once: true });
      metrics?.workers.set({ controller: name }, workers);
      await Promise.all(Array.from({ length: workers }, () => work(signal)));
    },
  };
}

async function processKey({ options, queue }: Worker, key: string, signal: AbortSignal): Promise<void> {
  const { name, clock, metrics } = options;
  if (options.lastWritten?.pending(key) === true) {
    metrics?.held.inc({ controller: name });
    queue.addAfter(key, OWN_WRITE_POLL_MS);
    return;
  }
  const startedAtMs = clock.monotonicMs();
  try {
    const { requeueAfterMs } = await bounded(options, key, signal);
    queue.forget(key);
    if (requeueAfterMs !== undefined) {
      // Never at once: a reconcile that asks for 0 would spin.
      queue.addAfter(key, Math.max(1, requeueAfterMs));
    }
    metrics?.total.inc({ controller: name, result: requeueAfterMs === undefined ? 'success' : 'requeue_after' });
  } catch (error) {
    if (!signal.aborted) retry({ options, queue }, key, error);
  } finally {
    metrics?.seconds.observe({ controller: name }, (clock.monotonicMs() - startedAtMs) / 1_000);
  }
}

async function bounded(options: ControllerOptions, key: string, signal: AbortSignal): Promise<ReconcileResult> {
  const { clock, timeoutMs = 60_000 } = options;
  const life = new AbortController();
  const timer = new AbortController();
  const onAbort = (): void => life.abort(new KubeError('Aborted', 'the controller is stopping'));
  signal.addEventListener('abort', onAbort, { once: true });
  clock.sleep(timeoutMs, timer.signal).then(
    () => life.abort(new KubeError('Timeout', `the reconcile took longer than ${timeoutMs} ms`)),
    () => undefined,
  );
  try {
    return await options.reconcile(key, life.signal);
  } finally {
    timer.abort();
    signal.removeEventListener('abort', onAbort);
  }
}

function retry({ options, queue }: Worker, key: string, error: unknown): void {
  const { name, log, metrics } = options;
  if (isKubeError(error, 'Conflict')) {
    // The cache was behind: no failure, the next look decides on newer state.
    metrics?.total.inc({ controller: name, result: 'requeue' });
    queue.addRateLimited(key);
    return;
  }
  metrics?.total.inc({ controller: name, result: 'error' });
  metrics?.errors.inc({ controller: name });
  if (error instanceof TerminalError) {
    metrics?.terminal.inc({ controller: name });
    log.error({ err: error, key }, 'reconcile failed until the object changes');
    queue.forget(key);
    return;
  }
  log.warn({ err: error, key, retries: queue.retries(key) }, 'reconcile failed');
  const askedMs = isKubeError(error) ? error.retryAfterMs : undefined;
  if (askedMs === undefined) {
    queue.addRateLimited(key);
  } else {
    queue.addAfter(key, askedMs);
  }
}
