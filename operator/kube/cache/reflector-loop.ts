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
  /** Length asked of a watch, spread over [1, 1.5) times this. */
  readonly watchTimeoutMs?: number;
  /** Silence that ends a watch that had brought something: from then on bookmarks come once a minute. */
  readonly idleMs?: number;
  /** How often the cache is compared with a complete list although the watch seems well. */
  readonly auditIntervalMs?: number;
  readonly minBackoffMs?: number;
  readonly maxBackoffMs?: number;
}

const DEFAULTS = {
  random: Math.random,
  watchTimeoutMs: 300_000,
  idleMs: 90_000,
  auditIntervalMs: 600_000,
  minBackoffMs: 800,
  maxBackoffMs: 30_000,
};

export interface LoopState {
  freshAtMs: number | undefined;
  listBegunMs: number | undefined;
  mustList: boolean;
  /** Who waits for a list that is begun from now on. */
  awaiting: (() => void)[];
  /** The watch in hand has brought something: if it breaks now, the next try is a first one. */
  healthy: boolean;
  /** Ends the present watch, not the loop. */
  cycle: AbortController | undefined;
}

export interface ReflectorLoop<T extends KubeObject> {
  readonly options: ReflectorOptions<T>;
  readonly store: MutableStore<T>;
  readonly state: LoopState;
  readonly handlers: readonly ((change: Change) => void)[];
  readonly onSynced: () => void;
}

/** Lists, watches and waits until the signal. Never rejects: every failure is counted, logged and tried again. */
export async function runReflectorLoop<T extends KubeObject>(
  loop: ReflectorLoop<T>,
  signal: AbortSignal,
): Promise<void> {
  const { options, state } = loop;
  const { minBackoffMs: minMs, maxBackoffMs: maxMs, random } = { ...DEFAULTS, ...options };
  const backoff = createBackoff({ minMs, maxMs, random });
  state.mustList = true;
  while (!signal.aborted) {
    let askedMs = 0;
    state.healthy = false;
    try {
      if (state.mustList) await takeList(loop, signal);
      if (await followWatch(loop, signal)) {
        backoff.reset();
        continue;
      }
    } catch (error) {
      askedMs = signal.aborted ? 0 : noteFailure(loop, error);
    }
    if (state.healthy) backoff.reset();
    await options.clock.sleep(Math.max(backoff.nextMs(), askedMs), signal).catch(() => undefined);
  }
}

/** Counts it and says how long the server asked to be left alone. */
function noteFailure<T extends KubeObject>({ options, state }: ReflectorLoop<T>, error: unknown): number {
  const code = isKubeError(error) ? error.code : 'Internal';
  options.metrics?.failures.inc({ resource: options.resource.plural, code });
  options.log.warn({ resource: options.resource.plural, code, err: error }, 'watching the API server failed');
  // A connection that was cut may be resumed where it stood; after anything else what was missed is unknown.
  const resumable = isKubeError(error, 'Unavailable', 'Timeout', 'TooManyRequests', 'Internal');
  state.mustList ||= !resumable;
  return isKubeError(error) ? (error.retryAfterMs ?? 0) : 0;
}

async function takeList<T extends KubeObject>(loop: ReflectorLoop<T>, signal: AbortSignal): Promise<void> {
  const { options, store, state } = loop;
  const { client, resource, namespace, labelSelector, fieldSelector, clock } = options;
  const begunMs = clock.monotonicMs();
  // Cleared before the request: a relist asked for meanwhile is another one.
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

/** A watch that dropped a change would otherwise go unnoticed. */
function countMissed<T extends KubeObject>({ options, store }: ReflectorLoop<T>, items: readonly Stored<T>[]): void {
  const missed = items.filter(
    (item) =>
      isAtLeast(store.resourceVersion, item.metadata.resourceVersion) &&
      store.get(keyOf(item))?.metadata.resourceVersion !== item.metadata.resourceVersion,
  );
  if (missed.length > 0) {
    options.metrics?.missed.inc({ resource: options.resource.plural }, missed.length);
    options.log.error({ resource: options.resource.plural, missed: missed.length }, 'the watch had dropped changes');
  }
}

/** Answers whether the watch was a healthy one: it brought something, or lived as long as it was meant to. */
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
    for await (const event of openWatch(loop, resourceVersion, cycle.signal)) takeEvent(loop, event);
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

function takeEvent<T extends KubeObject>(loop: ReflectorLoop<T>, event: WatchEvent<T>): void {
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
  // Before the handlers run: whoever they wake must find the cache past this event.
  store.advanceTo(event.object.metadata.resourceVersion);
  options.metrics?.objects.set({ resource: options.resource.plural }, store.size);
  if (change !== undefined) emit(loop, change);
}

/** A handler that throws must neither end the watch nor keep the change from the others. */
function emit<T extends KubeObject>({ handlers, options }: ReflectorLoop<T>, change: Change): void {
  for (const handler of handlers) {
    try {
      handler(change);
    } catch (error) {
      options.log.error({ err: error, key: change.key }, 'a change handler failed');
    }
  }
}
