import { KubeError } from '../client/kube-error.ts';
import { runReflectorLoop, type LoopState, type ReflectorLoop, type ReflectorOptions } from './reflector-loop.ts';
import { keyOf, type KubeObject, type ObjectRef } from '../client/resource.ts';
import { createStore, isAtLeast, type Change, type Store } from './store.ts';

/**
 * A local copy of a collection that follows the server.
 * Modes: stopped -> listing -> watching -> (clean end: watching | anything unclear: listing) -> stopped.
 * Only the loop started by `start` writes the store.
 */
export interface Reflector<T extends KubeObject> {
  readonly store: Store<T>;
  /** Handlers run before the loop goes on and may only take note of the key. */
  onChange(handler: (change: Change) => void): void;
  /** Does nothing while started. */
  start(): void;
  /** Resolves when no request is open any more. */
  stop(): Promise<void>;
  /** Resolves after the first complete list, rejects with `Aborted` by the signal. */
  synced(signal?: AbortSignal): Promise<void>;
  /** Milliseconds since the server last proved the cache current; Infinity before the first list. */
  ageMs(): number;
  /** Lists again as soon as possible. */
  requestRelist(): void;
  /** Lists again and resolves when that list, begun after the call, is taken in; rejects with `Aborted` by the signal. */
  relisted(signal?: AbortSignal): Promise<void>;
  /** Whether the cache is at or past this version of the object. */
  hasSeen(ref: ObjectRef, resourceVersion: string): boolean;
  /** Whether a complete list was begun after this moment of the monotonic clock, and has been taken in. */
  hasListedSince(monotonicMs: number): boolean;
}

export function createReflector<T extends KubeObject>(options: ReflectorOptions<T>): Reflector<T> {
  const { clock } = options;
  const store = createStore<T>();
  const state: LoopState = {
    freshAtMs: undefined,
    listBegunMs: undefined,
    mustList: true,
    awaiting: [],
    healthy: false,
    cycle: undefined,
  };
  const handlers: ((change: Change) => void)[] = [];
  const firstSync = Promise.withResolvers<void>();
  let life: AbortController | undefined;
  let loop: Promise<void> = Promise.resolve();

  const loopParts: ReflectorLoop<T> = {
    options,
    store,
    state,
    handlers,
    onSynced: firstSync.resolve,
  };

  const requestRelist = (): void => {
    state.mustList = true;
    state.cycle?.abort();
  };

  return {
    store,
    onChange: (handler) => {
      handlers.push(handler);
    },
    start: () => {
      if (life !== undefined) return;
      const { signal } = (life = new AbortController());
      // A loop that is still winding down is waited for: two must never write one store.
      loop = loop.then(() => runReflectorLoop(loopParts, signal));
    },
    stop: async () => {
      life?.abort();
      life = undefined;
      await loop;
    },
    synced: (signal) => orAborted(firstSync.promise, signal),
    ageMs: () => (state.freshAtMs === undefined ? Number.POSITIVE_INFINITY : clock.monotonicMs() - state.freshAtMs),
    requestRelist,
    relisted: async (signal) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      state.awaiting.push(resolve);
      requestRelist();
      await orAborted(promise, signal);
    },
    hasSeen: (ref, resourceVersion) =>
      isAtLeast(store.get(keyOf(ref))?.metadata.resourceVersion, resourceVersion) ||
      isAtLeast(store.resourceVersion, resourceVersion),
    hasListedSince: (monotonicMs) => state.listBegunMs !== undefined && state.listBegunMs >= monotonicMs,
  };
}

async function orAborted(done: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return done;
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => aborted.reject(new KubeError('Aborted', 'stopped before the list was complete'));
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await Promise.race([done, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
