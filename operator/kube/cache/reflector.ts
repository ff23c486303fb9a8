import { KubeError } from '../client/kube-error.ts';
import type { LoopState, ReflectorLoop } from './loop-state.ts';
import { runReflectorLoop } from './reflector-loop.ts';
import type { ReflectorOptions } from './reflector-options.ts';
import { keyOf, type KubeObject, type ObjectRef } from '../client/resource.ts';
import { createStore, isAtLeast, type Change, type Store } from './store.ts';
import { createWaits } from './waits.ts';

/**
 * A local cache of a collection, kept up to date by list and watch.
 * States: stopped -> listing -> watching -> (clean end: watching | changes may be missed: listing) -> stopped.
 * Only the loop started by `start` writes the store.
 */
export interface Reflector<T extends KubeObject> {
  readonly store: Store<T>;
  /** Adds a handler. Handlers run inside the loop and must only record or enqueue the key. */
  onChange(handler: (change: Change) => void): void;
  /** Starts the loop. Does nothing while it runs. */
  start(): void;
  /** Stops the loop and resolves once no request is open. */
  stop(): Promise<void>;
  /** Resolves after the first complete list. Rejects with `Aborted` when the signal fires. */
  synced(signal?: AbortSignal): Promise<void>;
  /**
   * Returns the milliseconds since the server last confirmed that the cache is current; Infinity before the first list.
   */
  ageMs(): number;
  /** Why the last list or watch failed; undefined once a list has succeeded since. */
  failure(): Error | undefined;
  /**
   * Requests another list, and cuts short the wait for the next attempt: to the first wait after a failure, or to the
   * time for which the server asks to wait. An open watch ends only if it has not delivered what the list shows.
   */
  requestRelist(): void;
  /** Resolves once the cache contains a list begun after this call. Rejects with `Aborted` when the signal fires. */
  relisted(signal?: AbortSignal): Promise<void>;
  /** Returns whether the cache has reached this version of the object. */
  hasSeen(ref: ObjectRef, resourceVersion: string): boolean;
  /** Returns whether the cache contains a complete list begun at or after this time of the monotonic clock. */
  hasListedSince(monotonicMs: number): boolean;
}

/** Creates a stopped reflector with an empty store. */
export function createReflector<T extends KubeObject>(options: ReflectorOptions<T>): Reflector<T> {
  const { clock } = options;
  const store = createStore<T>({ keepManagedFields: options.resource.keepsManagedFields });
  const state: LoopState = {
    freshAtMs: undefined,
    listBegunMs: undefined,
    mustList: true,
    lastBegun: 0,
    lastContained: 0,
    requestedAfter: -1,
    awaiting: [],
    healthy: false,
    failure: undefined,
    cycle: undefined,
    deleted: undefined,
  };
  const handlers: ((change: Change) => void)[] = [];
  const firstSync = Promise.withResolvers<void>();
  let lifetime: AbortController | undefined;
  let loop: Promise<void> = Promise.resolve();

  const waits = createWaits(clock);
  const loopParts: ReflectorLoop<T> = {
    options,
    store,
    state,
    handlers,
    onSynced: firstSync.resolve,
    waits,
    audited: undefined,
    successor: undefined,
  };

  const requestRelist = (): void => {
    state.requestedAfter = state.lastBegun;
    waits.wake();
  };

  return {
    store,
    onChange: (handler) => {
      handlers.push(handler);
    },
    start: () => {
      if (lifetime !== undefined) return;
      const { signal } = (lifetime = new AbortController());
      // Wait for a loop that is still stopping, because two loops must never write one store.
      loop = loop.then(() => runReflectorLoop(loopParts, signal));
    },
    stop: async () => {
      lifetime?.abort();
      lifetime = undefined;
      await loop;
    },
    synced: (signal) => orAborted(firstSync.promise, signal),
    ageMs: () => (state.freshAtMs === undefined ? Number.POSITIVE_INFINITY : clock.monotonicMs() - state.freshAtMs),
    failure: () => state.failure,
    requestRelist,
    relisted: async (signal) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      state.awaiting = [...state.awaiting, { after: state.lastBegun, resolve }];
      requestRelist();
      await orAborted(promise, signal);
    },
    hasSeen: (ref, resourceVersion) =>
      isAtLeast(store.get(keyOf(ref))?.metadata.resourceVersion, resourceVersion) ||
      isAtLeast(store.resourceVersion, resourceVersion),
    hasListedSince: (monotonicMs) => state.listBegunMs !== undefined && state.listBegunMs >= monotonicMs,
  };
}

async function orAborted(completed: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return completed;
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => aborted.reject(new KubeError('Aborted', 'stopped before the list was complete'));
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await Promise.race([completed, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
