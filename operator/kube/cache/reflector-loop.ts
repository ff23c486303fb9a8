import type { Clock } from '../../../services/shared/runtime/clock.ts';
import type { Logger } from '../../../services/shared/runtime/logger.ts';
import { createBackoff } from './backoff.ts';
import type { KubeClient } from '../client/client.ts';
import { isKubeError } from '../client/kube-error.ts';
import type { ReflectorMetrics } from '../metrics.ts';
import { keyOf, type KubeObject, type Resource, type Stored } from '../client/resource.ts';
import { isAtLeast, type Change, type MutableStore } from './store.ts';
import type { WatchEvent } from '../client/watch.ts';

export interface ReflectorOptions<T extends KubeObject> {
  readonly client: Pick<KubeClient, 'list' | 'watch'>;
  readonly resource: Resource<T>;
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly random?: () => number;
  readonly metrics?: ReflectorMetrics;
  /** Requested length of a watch; jitter spreads it over [1, 1.5) times this value. Default: 5 min. */
  readonly watchTimeoutMs?: number;
  /**
   * Silence after which a watch that has received something is ended. Bookmarks arrive once a minute from then on.
   * Default: 90 s.
   */
  readonly idleMs?: number;
  /** How often a complete list verifies the cache even though the watch seems healthy. Default: 10 min. */
  readonly auditIntervalMs?: number;
  /**
   * Age from which the cache is listed again before another watch is opened. A watch that resumes shows changes at
   * once, but confirms that there were none only when it ends. Default: never.
   */
  readonly maxAgeMs?: number;
  /** First base wait after a failure. Default: 800 ms. */
  readonly minBackoffMs?: number;
  /** Longest base wait after repeated failures; jitter may double it. Default: 30 s. */
  readonly maxBackoffMs?: number;
}

const DEFAULTS = {
  random: Math.random,
  watchTimeoutMs: 300_000,
  idleMs: 90_000,
  auditIntervalMs: 600_000,
  maxAgeMs: Number.POSITIVE_INFINITY,
  minBackoffMs: 800,
  maxBackoffMs: 30_000,
};

export interface LoopState {
  freshAtMs: number | undefined;
  listBegunMs: number | undefined;
  mustList: boolean;
  /** Callbacks of callers that wait for a list begun from now on. */
  awaiting: (() => void)[];
  /** The current watch has received something, so the backoff starts over if it breaks now. */
  healthy: boolean;
  /** Why the last list or watch failed; undefined once a list has succeeded since. */
  failure: Error | undefined;
  /** Ends the current watch, but not the loop. */
  cycle: AbortController | undefined;
}

export interface ReflectorLoop<T extends KubeObject> {
  readonly options: ReflectorOptions<T>;
  readonly store: MutableStore<T>;
  readonly state: LoopState;
  readonly handlers: readonly ((change: Change) => void)[];
  readonly onSynced: () => void;
}

/** Lists and watches until the signal fires. Never rejects: every failure is counted, logged and retried. */
export async function runReflectorLoop<T extends KubeObject>(
  loop: ReflectorLoop<T>,
  signal: AbortSignal,
): Promise<void> {
  const { options, state } = loop;
  const { minBackoffMs: minMs, maxBackoffMs: maxMs, random } = { ...DEFAULTS, ...options };
  const backoff = createBackoff({ minMs, maxMs, random });
  state.mustList = true;
  while (!signal.aborted) {
    let retryAfterMs = 0;
    state.healthy = false;
    try {
      if (state.mustList || isTooOld(loop)) await applyList(loop, signal);
      if (await followWatch(loop, signal)) {
        backoff.reset();
        continue;
      }
    } catch (error) {
      retryAfterMs = signal.aborted ? 0 : recordFailure(loop, error);
    }
    if (state.healthy) backoff.reset();
    await options.clock.sleep(Math.max(backoff.nextMs(), retryAfterMs), signal).catch(() => undefined);
  }
}

function isTooOld<T extends KubeObject>({ options, state }: ReflectorLoop<T>): boolean {
  const { clock, maxAgeMs } = { ...DEFAULTS, ...options };
  return state.freshAtMs !== undefined && clock.monotonicMs() - state.freshAtMs > maxAgeMs;
}

/** Logs and counts a failure, and returns how long the server asks to wait before a retry, in ms. */
function recordFailure<T extends KubeObject>({ options, state }: ReflectorLoop<T>, error: unknown): number {
  const code = isKubeError(error) ? error.code : 'Internal';
  state.failure = error instanceof Error ? error : new Error(String(error));
  options.metrics?.failures.inc({ resource: options.resource.plural, code });
  options.log.warn({ resource: options.resource.plural, code, err: error }, 'list or watch failed, retrying');
  // A broken connection can be resumed from the last version. After any other failure, missed changes are unknown.
  const resumable = isKubeError(error, 'Unavailable', 'Timeout', 'TooManyRequests', 'Internal');
  state.mustList ||= !resumable;
  return isKubeError(error) ? (error.retryAfterMs ?? 0) : 0;
}

async function applyList<T extends KubeObject>(loop: ReflectorLoop<T>, signal: AbortSignal): Promise<void> {
  const { options, store, state } = loop;
  const { client, resource, namespace, labelSelector, fieldSelector, clock } = options;
  const begunMs = clock.monotonicMs();
  // Cleared before the request, so that a relist requested during the request causes another list.
  state.mustList = false;
  const awaiting = state.awaiting.splice(0);
  try {
    const list = await client.list(resource, { namespace, labelSelector, fieldSelector, signal });
    if (signal.aborted) {
      state.awaiting.push(...awaiting);
      return;
    }
    countMissed(loop, list.items);
    const changes = store.replace(list.items, list.resourceVersion);
    state.freshAtMs = clock.monotonicMs();
    state.listBegunMs = begunMs;
    state.failure = undefined;
    options.metrics?.lists.inc({ resource: resource.plural });
    options.metrics?.objects.set({ resource: resource.plural }, store.size);
    changes.forEach((change) => emit(loop, change));
    loop.onSynced();
    awaiting.forEach((wake) => wake());
  } catch (error) {
    state.mustList = true;
    state.awaiting.push(...awaiting);
    throw error;
  }
}

/** Counts changes that the watch dropped, which would otherwise go unnoticed. */
function countMissed<T extends KubeObject>({ options, store }: ReflectorLoop<T>, items: readonly Stored<T>[]): void {
  const missed = items.filter(
    (item) =>
      isAtLeast(store.resourceVersion, item.metadata.resourceVersion) &&
      store.get(keyOf(item))?.metadata.resourceVersion !== item.metadata.resourceVersion,
  );
  if (missed.length > 0) {
    options.metrics?.missed.inc({ resource: options.resource.plural }, missed.length);
    options.log.error(
      { resource: options.resource.plural, missed: missed.length },
      'watch missed changes, repairing the cache from a list',
    );
  }
}

/** Returns whether the watch was healthy: it received something or lasted at least 1 s, or the cache must be listed. */
async function followWatch<T extends KubeObject>(loop: ReflectorLoop<T>, signal: AbortSignal): Promise<boolean> {
  const { store, state } = loop;
  const { resource, clock, metrics } = loop.options;
  const { resourceVersion } = store;
  if (state.mustList || signal.aborted || resourceVersion === undefined) return true;
  const cycle = new AbortController();
  const onStop = (): void => cycle.abort();
  signal.addEventListener('abort', onStop, { once: true });
  state.cycle = cycle;
  scheduleAudit(loop, cycle);
  const openedMs = clock.monotonicMs();
  metrics?.watches.inc({ resource: resource.plural });
  try {
    for await (const event of openWatch(loop, resourceVersion, cycle.signal)) applyEvent(loop, event);
    state.freshAtMs = clock.monotonicMs();
    return state.healthy || clock.monotonicMs() - openedMs >= 1_000;
  } catch (error) {
    if (cycle.signal.aborted && !signal.aborted) return true;
    throw error;
  } finally {
    signal.removeEventListener('abort', onStop);
    cycle.abort();
    state.cycle = undefined;
  }
}

function openWatch<T extends KubeObject>(
  { options }: ReflectorLoop<T>,
  resourceVersion: string,
  signal: AbortSignal,
): AsyncGenerator<WatchEvent<T>> {
  const { client, resource, namespace, labelSelector, fieldSelector } = options;
  const { random, watchTimeoutMs, idleMs } = { ...DEFAULTS, ...options };
  const timeoutMs = watchTimeoutMs * (1 + random() / 2);
  return client.watch(resource, {
    namespace,
    labelSelector,
    fieldSelector,
    resourceVersion,
    timeoutMs,
    idleMs,
    signal,
  });
}

function scheduleAudit<T extends KubeObject>({ options, state }: ReflectorLoop<T>, cycle: AbortController): void {
  const { clock, auditIntervalMs } = { ...DEFAULTS, ...options };
  const leftMs = (state.listBegunMs ?? 0) + auditIntervalMs - clock.monotonicMs();
  clock.sleep(Math.max(0, leftMs), cycle.signal).then(
    () => {
      state.mustList = true;
      cycle.abort();
    },
    () => undefined,
  );
}

function applyEvent<T extends KubeObject>(loop: ReflectorLoop<T>, event: WatchEvent<T>): void {
  const { options, store, state } = loop;
  if (event.type === 'ERROR') {
    state.mustList = true;
    throw event.error;
  }
  state.freshAtMs = options.clock.monotonicMs();
  state.healthy = true;
  if (event.type === 'BOOKMARK') {
    store.advanceTo(event.resourceVersion);
    return;
  }
  const change = event.type === 'DELETED' ? store.remove(event.object) : store.put(event.object);
  // Before the handlers run, because the reconciles they trigger must find the cache past this event.
  store.advanceTo(event.object.metadata.resourceVersion);
  options.metrics?.objects.set({ resource: options.resource.plural }, store.size);
  if (change !== undefined) emit(loop, change);
}

/** Calls every handler. A handler that throws must not end the watch or hide the change from the other handlers. */
function emit<T extends KubeObject>({ handlers, options }: ReflectorLoop<T>, change: Change): void {
  for (const handler of handlers) {
    try {
      handler(change);
    } catch (error) {
      options.log.error({ err: error, key: change.key }, 'change handler failed');
    }
  }
}
