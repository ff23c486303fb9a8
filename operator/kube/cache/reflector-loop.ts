import { runAudits } from './audit.ts';
import { createBackoff } from './backoff.ts';
import { isKubeError } from '../client/kube-error.ts';
import { keyOf, type KubeObject } from '../client/resource.ts';
import type { WatchEvent } from '../client/watch.ts';
import { confirmListing, requestListing } from './listing.ts';
import { recordFailure, waitToRetry, type Listing, type ReflectorLoop } from './loop-state.ts';
import { closeWatch, eventsOf, openWatch, SUCCESSOR_LEAD_MS, type OpenWatch } from './open-watch.ts';
import { DEFAULTS } from './reflector-options.ts';
import { isAtLeast, type Change } from './store.ts';

/** Lists and watches until the signal fires. Never rejects: every failure is counted, logged and retried. */
export async function runReflectorLoop<T extends KubeObject>(
  loop: ReflectorLoop<T>,
  signal: AbortSignal,
): Promise<void> {
  const { options, state } = loop;
  const { minBackoffMs: minMs, maxBackoffMs: maxMs, random } = { ...DEFAULTS, ...options };
  const backoff = createBackoff({ minMs, maxMs, random });
  state.mustList = true;
  loop.audited = undefined;
  const audits = runAudits(loop, signal);
  while (!signal.aborted) {
    let retryAfterMs = 0;
    state.healthy = false;
    try {
      if (state.mustList) await applyList(loop, signal);
      if (await followWatch(loop, signal)) {
        backoff.reset();
        continue;
      }
    } catch (error) {
      retryAfterMs = signal.aborted ? 0 : resumeAfter(loop, error);
    }
    if (state.healthy) backoff.reset();
    await waitToRetry(loop, { backoff, retryAfterMs, signal });
  }
  await dropSuccessor(loop);
  await audits;
}

/** Records a failure, decides whether the watch can be resumed, and returns how long the server asks to wait, in ms. */
function resumeAfter<T extends KubeObject>(loop: ReflectorLoop<T>, error: unknown): number {
  // A broken connection can be resumed from the last version. After any other failure, missed changes are unknown.
  const resumable = isKubeError(error, 'Unavailable', 'Timeout', 'TooManyRequests', 'Internal');
  loop.state.mustList ||= !resumable;
  return recordFailure(loop, error);
}

async function applyList<T extends KubeObject>(loop: ReflectorLoop<T>, signal: AbortSignal): Promise<void> {
  const { options, store, state } = loop;
  const listing = takeAudited(loop) ?? (await requestListing(loop, signal));
  const changes = store.replace(listing.list.items, listing.list.resourceVersion);
  state.mustList = false;
  confirmListing(loop, listing);
  options.metrics?.objects.set({ resource: options.resource.plural }, store.size);
  changes.forEach((change) => emit(loop, change));
  loop.onSynced();
  // The audits count from this list. One that was requested after it began is theirs.
  loop.waits.wake();
}

/** Returns the list of an audit, unless the watch has delivered later changes: the cache must not go back. */
function takeAudited<T extends KubeObject>(loop: ReflectorLoop<T>): Listing<T> | undefined {
  const { audited, store } = loop;
  loop.audited = undefined;
  if (audited === undefined || store.resourceVersion === undefined) return undefined;
  return isAtLeast(audited.list.resourceVersion, store.resourceVersion) ? audited : undefined;
}

/**
 * Follows one watch to its end, and opens the next one before that, so that a slow API server leaves no gap between
 * them. Returns whether the watch was healthy: it received something or lasted at least 1 s, or the cache must be
 * listed.
 */
async function followWatch<T extends KubeObject>(loop: ReflectorLoop<T>, signal: AbortSignal): Promise<boolean> {
  const { store, state } = loop;
  const { resourceVersion } = store;
  const mustEnd = (): boolean => state.mustList || signal.aborted;
  if (mustEnd() || resourceVersion === undefined) return true;
  const watch = await takeWatch(loop, resourceVersion);
  const { cycle } = watch;
  const onStop = (): void => cycle.abort();
  signal.addEventListener('abort', onStop, { once: true });
  state.cycle = cycle;
  // Asked for while the watch was taken.
  if (mustEnd()) cycle.abort();
  scheduleSuccessor(loop, watch);
  let endedCleanly = false;
  try {
    await deliver(loop, watch, resourceVersion);
    endedCleanly = true;
    return state.healthy || loop.options.clock.monotonicMs() - watch.openedMs >= 1_000;
  } catch (error) {
    if (cycle.signal.aborted && !signal.aborted) return true;
    throw error;
  } finally {
    signal.removeEventListener('abort', onStop);
    state.cycle = undefined;
    await closeWatch(watch);
    if (!endedCleanly) await dropSuccessor(loop);
  }
}

/** A successor that could not be opened is not waited for: another request may succeed at once. */
async function takeWatch<T extends KubeObject>(loop: ReflectorLoop<T>, resourceVersion: string): Promise<OpenWatch<T>> {
  const { successor } = loop;
  if (successor?.hasFailed !== false) {
    await dropSuccessor(loop);
    return openWatch(loop.options, resourceVersion);
  }
  loop.successor = undefined;
  return successor;
}

/** Applies events until the watch ends. A successor repeats what its predecessor delivered after it was opened. */
async function deliver<T extends KubeObject>(
  loop: ReflectorLoop<T>,
  watch: OpenWatch<T>,
  reachedVersion: string,
): Promise<void> {
  for await (const event of eventsOf(watch)) if (!repeats(event, reachedVersion)) applyEvent(loop, event);
  loop.state.freshAtMs = loop.options.clock.monotonicMs();
}

/** Opens the next watch shortly before this one ends. */
function scheduleSuccessor<T extends KubeObject>(loop: ReflectorLoop<T>, { cycle, endsMs }: OpenWatch<T>): void {
  const { options, store } = loop;
  const leftMs = endsMs - SUCCESSOR_LEAD_MS - options.clock.monotonicMs();
  options.clock.sleep(Math.max(0, leftMs), cycle.signal).then(
    () => {
      if (store.resourceVersion !== undefined) loop.successor = openWatch(options, store.resourceVersion);
    },
    () => undefined,
  );
}

async function dropSuccessor<T extends KubeObject>(loop: ReflectorLoop<T>): Promise<void> {
  const { successor } = loop;
  loop.successor = undefined;
  await closeWatch(successor);
}

function repeats<T extends KubeObject>(event: WatchEvent<T>, reachedVersion: string): boolean {
  if (event.type === 'ERROR') return false;
  // A bookmark at the version itself repeats nothing: it confirms the cache.
  if (event.type === 'BOOKMARK') return !isAtLeast(event.resourceVersion, reachedVersion);
  return isAtLeast(reachedVersion, event.object.metadata.resourceVersion);
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
  if (event.type === 'DELETED') state.deleted?.set(keyOf(event.object), event.object.metadata.resourceVersion);
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
