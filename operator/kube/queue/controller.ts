import type { Clock } from '../../../services/shared/runtime/clock.ts';
import type { Logger } from '../../../services/shared/runtime/logger.ts';
import { KubeError, isKubeError } from '../client/kube-error.ts';
import type { LastWritten } from '../cache/last-written.ts';
import type { ControllerMetrics } from '../metrics.ts';
import { createWorkQueue, type Priority, type WorkQueue, type WorkQueueOptions } from './work-queue.ts';

/** Result of a reconcile. The key is reconciled again when the object changes. */
export interface ReconcileResult {
  /** Also reconciles the key after this time. */
  readonly requeueAfterMs?: number;
}

/** Observes the state behind `key` and moves it one step towards the desired state. Level-based and idempotent. */
export type Reconcile = (key: string, signal: AbortSignal) => Promise<ReconcileResult>;

/** A failure that a retry cannot fix until the object changes. */
export class TerminalError extends Error {
  override readonly name = 'TerminalError';
}

export interface ControllerOptions {
  readonly name: string;
  readonly reconcile: Reconcile;
  readonly clock: Clock;
  readonly log: Logger;
  /** Concurrent reconciles. Default: 2. */
  readonly workers?: number;
  /** Time until the reconcile's signal fires; the key stays taken until the reconcile has ended. Default: 60 s. */
  readonly timeoutMs?: number;
  readonly metrics?: ControllerMetrics;
  readonly lastWritten?: LastWritten;
  readonly queue?: Omit<WorkQueueOptions, 'clock' | 'name'>;
}

export interface Controller {
  enqueue(key: string, priority?: Priority): void;
  /** Processes keys until the signal fires, then waits for the active reconciles. Call it only once. */
  run(signal: AbortSignal): Promise<void>;
  /** Returns whether no key is waiting or being processed; timers may be running. */
  idle(): boolean;
}

/** How often a key that waits for the cache is checked; the event it waits for also enqueues it. */
const OWN_WRITE_POLL_MS = 100;

interface Worker {
  readonly options: ControllerOptions;
  readonly queue: WorkQueue;
}

/** Creates a controller. It alone owns the retry policy: a reconcile either returns or throws. */
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
    const { requeueAfterMs } = await reconcileWithTimeout(options, key, signal);
    queue.forget(key);
    if (requeueAfterMs !== undefined) {
      // Wait at least 1 ms, because a reconcile that returns 0 would spin.
      queue.addAfter(key, Math.max(1, requeueAfterMs));
    }
    metrics?.total.inc({ controller: name, result: requeueAfterMs === undefined ? 'success' : 'requeue_after' });
  } catch (error) {
    if (!signal.aborted) retry({ options, queue }, key, error);
  } finally {
    metrics?.seconds.observe({ controller: name }, (clock.monotonicMs() - startedAtMs) / 1_000);
  }
}

async function reconcileWithTimeout(
  options: ControllerOptions,
  key: string,
  signal: AbortSignal,
): Promise<ReconcileResult> {
  const { clock, timeoutMs = 60_000 } = options;
  const cancel = new AbortController();
  const timer = new AbortController();
  const onAbort = (): void => cancel.abort(new KubeError('Aborted', 'the controller is stopping'));
  signal.addEventListener('abort', onAbort, { once: true });
  clock.sleep(timeoutMs, timer.signal).then(
    () => cancel.abort(new KubeError('Timeout', `the reconcile took longer than ${timeoutMs} ms`)),
    () => undefined,
  );
  try {
    return await options.reconcile(key, cancel.signal);
  } finally {
    timer.abort();
    signal.removeEventListener('abort', onAbort);
  }
}

function retry({ options, queue }: Worker, key: string, error: unknown): void {
  const { name, log, metrics } = options;
  if (isKubeError(error, 'Conflict')) {
    // The cache was stale. This is not a failure: the next reconcile decides on newer state.
    metrics?.total.inc({ controller: name, result: 'requeue' });
    queue.addRateLimited(key);
    return;
  }
  metrics?.total.inc({ controller: name, result: 'error' });
  metrics?.errors.inc({ controller: name });
  if (error instanceof TerminalError) {
    metrics?.terminal.inc({ controller: name });
    log.error({ err: error, key }, 'reconcile failed permanently, waiting for the object to change');
    queue.forget(key);
    return;
  }
  log.warn({ err: error, key, retries: queue.retries(key) }, 'reconcile failed, retrying');
  const retryAfterMs = isKubeError(error) ? error.retryAfterMs : undefined;
  if (retryAfterMs === undefined) {
    queue.addRateLimited(key);
  } else {
    queue.addAfter(key, retryAfterMs);
  }
}
