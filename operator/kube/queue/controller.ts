import type { Clock } from '../../../services/shared/runtime/clock.ts';
import type { Logger } from '../../../services/shared/runtime/logger.ts';
import { KubeError, isKubeError } from '../client/kube-error.ts';
import type { LastWritten } from '../cache/last-written.ts';
import type { ControllerMetrics } from '../metrics.ts';
import { createPreemption, type Preemption, type Preempts } from './preemption.ts';
import { createWorkQueue, type Priority, type Taken, type WorkQueue, type WorkQueueOptions } from './work-queue.ts';

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
  /** Concurrent reconciles, besides those of URGENT_WORKERS. Default: 8. */
  readonly workers?: number;
  /** Time until the reconcile's signal fires; the key stays taken until the reconcile has ended. Default: 60 s. */
  readonly timeoutMs?: number;
  readonly metrics?: ControllerMetrics;
  readonly lastWritten: Pick<LastWritten, 'pending'>;
  readonly queue?: Omit<WorkQueueOptions, 'clock' | 'name'>;
}

export interface Controller {
  /**
   * Requests a reconcile of the key. `high` also aborts the reconcile of the key that is running, whose decision is now
   * outdated, and the key is reconciled again as soon as that one has ended. A stream of such changes aborts only so
   * many in a row, except with `preempts` Always.
   */
  enqueue(key: string, priority?: Priority, preempts?: Preempts): void;
  /** Processes keys until the signal fires, then waits for the active reconciles. Call it only once. */
  run(signal: AbortSignal): Promise<void>;
  /** Returns whether no key is waiting or being processed; timers may be running. */
  idle(): boolean;
}

/**
 * Further workers for urgent keys. A reconcile waits for processes that do not answer, and for a slow API server;
 * enough of them hold every worker, and a halt must not wait for one.
 */
export const URGENT_WORKERS = 4;

/** How often a key that waits for the cache is checked; the event it waits for also enqueues it. */
const OWN_WRITE_POLL_MS = 100;

interface Worker {
  readonly options: ControllerOptions;
  readonly queue: WorkQueue;
  readonly preemption: Preemption;
  /** Until when the server asks to leave a key alone, on the monotonic clock. The key is on a timer until then. */
  readonly busyUntilMs: Map<string, number>;
}

/** Creates a controller. It alone owns the retry policy: a reconcile either returns or throws. */
export function createController(options: ControllerOptions): Controller {
  const { name, clock, metrics, workers = 8 } = options;
  const queue = createWorkQueue({ ...options.queue, clock, name });
  const worker: Worker = { options, queue, preemption: createPreemption(), busyUntilMs: new Map() };
  let active = 0;

  async function work(lowest: Priority, signal: AbortSignal): Promise<void> {
    for (let taken = await queue.take(lowest); taken !== undefined; taken = await queue.take(lowest)) {
      active += 1;
      metrics?.active.set({ controller: name }, active);
      try {
        await processKey(worker, taken, signal);
      } finally {
        active -= 1;
        metrics?.active.set({ controller: name }, active);
        queue.done(taken.key);
      }
      // A reconcile that writes nothing awaits no I/O. While many keys wait, such reconciles would follow one another
      // before anything else runs: the renewal of the lease, a watch with a halt, the answer to a write.
      await eventLoopTurn();
    }
  }

  return {
    enqueue: (key, priority, preempts) => {
      // Added first: while the key is processed, the add is kept until the aborted reconcile has ended.
      queue.add(key, priority);
      if (priority === 'high') worker.preemption.request(key, preempts);
    },
    idle: () => active === 0 && queue.depth() === 0,
    run: async (signal) => {
      if (signal.aborted) queue.shutDown();
      signal.addEventListener('abort', () => queue.shutDown(), { once: true });
      metrics?.workers.set({ controller: name }, workers + URGENT_WORKERS);
      const start = (count: number, lowest: Priority) => Array.from({ length: count }, () => work(lowest, signal));
      await Promise.all([...start(workers, 'normal'), ...start(URGENT_WORKERS, 'high')]);
    },
  };
}

/** Resolves when I/O and timers that are due have run. */
async function eventLoopTurn(): Promise<void> {
  await new Promise<void>((resolve) => {
    setImmediate(resolve);
  });
}

/**
 * Returns for how long a key must wait: until the server takes requests again, and until the cache shows the key's own
 * writes; 0 if it need not. An urgent key does not wait: repeating such a write is harmless, a late halt is not.
 */
function heldMs({ options, busyUntilMs }: Worker, { key, priority }: Taken): number {
  if (priority === 'high') return 0;
  const busyMs = (busyUntilMs.get(key) ?? 0) - options.clock.monotonicMs();
  if (busyMs > 0) return busyMs;
  if (!options.lastWritten.pending(key)) return 0;
  options.metrics?.held.inc({ controller: options.name });
  return OWN_WRITE_POLL_MS;
}

async function processKey(worker: Worker, taken: Taken, signal: AbortSignal): Promise<void> {
  const { options, queue } = worker;
  const { name, clock, metrics } = options;
  const { key } = taken;
  const waitMs = heldMs(worker, taken);
  if (waitMs > 0) {
    queue.addAfter(key, waitMs);
    return;
  }
  worker.busyUntilMs.delete(key);
  const startedAtMs = clock.monotonicMs();
  const cancel = new AbortController();
  const run = worker.preemption.begin(key, cancel);
  try {
    succeed(worker, key, await reconcileWithTimeout(options, key, { cancel, signal }));
  } catch (error) {
    if (run.preempted()) {
      metrics?.total.inc({ controller: name, result: 'preempted' });
    } else if (!signal.aborted) {
      retry(worker, taken, error);
    }
  } finally {
    run.end();
    metrics?.seconds.observe({ controller: name }, (clock.monotonicMs() - startedAtMs) / 1_000);
  }
}

function succeed({ options, queue }: Worker, key: string, { requeueAfterMs }: ReconcileResult): void {
  const { name, metrics } = options;
  queue.forget(key);
  if (requeueAfterMs !== undefined) {
    // Wait at least 1 ms, because a reconcile that returns 0 would spin.
    queue.addAfter(key, Math.max(1, requeueAfterMs));
  }
  metrics?.total.inc({ controller: name, result: requeueAfterMs === undefined ? 'success' : 'requeue_after' });
}

interface Cancellation {
  /** Aborts the reconcile. */
  readonly cancel: AbortController;
  /** Fires when the controller is stopping. */
  readonly signal: AbortSignal;
}

async function reconcileWithTimeout(
  options: ControllerOptions,
  key: string,
  { cancel, signal }: Cancellation,
): Promise<ReconcileResult> {
  const { clock, timeoutMs = 60_000 } = options;
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

/** Retries with the priority of the failed reconcile, so that an urgent key does not wait for its own writes now. */
function retry({ options, queue, busyUntilMs }: Worker, { key, priority }: Taken, error: unknown): void {
  const { name, clock, log, metrics } = options;
  if (isKubeError(error, 'Conflict')) {
    // The cache was stale. This is not a failure: the next reconcile decides on newer state.
    metrics?.total.inc({ controller: name, result: 'requeue' });
    queue.addRateLimited(key, priority);
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
    queue.addRateLimited(key, priority);
  } else {
    busyUntilMs.set(key, clock.monotonicMs() + retryAfterMs);
    queue.addAfter(key, retryAfterMs, priority);
  }
}
