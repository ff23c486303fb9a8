import { keyOf, type KubeObject } from '../client/resource.ts';
import type { ObjectList } from '../client/list.ts';
import { createBackoff } from './backoff.ts';
import { confirmListing, requestListing } from './listing.ts';
import { recordFailure, waitToRetry, type Listing, type ReflectorLoop } from './loop-state.ts';
import { DEFAULTS } from './reflector-options.ts';
import { isAtLeast } from './store.ts';

/** How long a watch may take to deliver what a list already shows. */
const GRACE_MS = 5_000;
/** How often it is checked meanwhile whether the watch has delivered it. */
const GRACE_POLL_MS = 100;
/** Audits come early by up to this part of the interval, so that caches and replicas do not list all at once. */
const JITTER_PART = 0.2;

/**
 * Compares the cache with a complete list until the signal fires: from time to time, on request, and when the cache has
 * its maximum age. The list runs beside the watch: a watch that works is kept even while lists fail. Only a difference
 * that the watch does not deliver within a few seconds ends it, and the list is applied. Never rejects.
 */
export async function runAudits<T extends KubeObject>(loop: ReflectorLoop<T>, signal: AbortSignal): Promise<void> {
  const { options, waits } = loop;
  const { auditIntervalMs, minBackoffMs: minMs, maxBackoffMs: maxMs, random } = { ...DEFAULTS, ...options };
  const backoff = createBackoff({ minMs, maxMs, random });
  const nextIntervalMs = (): number => auditIntervalMs * (1 - random() * JITTER_PART);
  let intervalMs = nextIntervalMs();
  while (!signal.aborted) {
    const leftMs = dueInMs(loop, intervalMs);
    if (leftMs > 0) {
      await waits.wait(leftMs, { atLeastMs: 0, signal });
      continue;
    }
    try {
      await audit(loop, signal);
      intervalMs = nextIntervalMs();
      backoff.reset();
    } catch (error) {
      const retryAfterMs = signal.aborted ? 0 : recordFailure(loop, error);
      await waitToRetry(loop, { backoff, retryAfterMs, signal });
    }
  }
}

/** Returns the time until an audit is due; 0 or less if it is. */
function dueInMs<T extends KubeObject>({ options, state }: ReflectorLoop<T>, intervalMs: number): number {
  const { clock, maxAgeMs } = { ...DEFAULTS, ...options };
  const { mustList, listBegunMs, freshAtMs, requestedAfter, lastContained } = state;
  // The reflector lists, which is as good, and wakes the audits then.
  if (mustList || listBegunMs === undefined || freshAtMs === undefined) return Number.POSITIVE_INFINITY;
  if (requestedAfter >= lastContained) return 0;
  return Math.min(listBegunMs + intervalMs, freshAtMs + maxAgeMs) - clock.monotonicMs();
}

async function audit<T extends KubeObject>(loop: ReflectorLoop<T>, signal: AbortSignal): Promise<void> {
  const { state } = loop;
  state.deleted = new Map();
  try {
    const listing = await requestListing(loop, signal);
    const missed = await missedAfterGrace(loop, listing.list, signal);
    // The reflector has listed meanwhile, or does now, which is as good.
    if (signal.aborted || state.mustList || state.lastContained > listing.number) return;
    if (missed === 0) confirmListing(loop, listing);
    else repair(loop, listing, missed);
  } finally {
    state.deleted = undefined;
  }
}

/** Counts what the list shows and the watch has not delivered in time. */
async function missedAfterGrace<T extends KubeObject>(
  loop: ReflectorLoop<T>,
  list: ObjectList<T>,
  signal: AbortSignal,
): Promise<number> {
  const { options, state } = loop;
  const { clock } = options;
  const endMs = clock.monotonicMs() + GRACE_MS;
  // Without a watch, there is none to wait for.
  while (differences(loop, list) > 0 && state.cycle !== undefined && clock.monotonicMs() < endMs) {
    await clock.sleep(GRACE_POLL_MS, signal).catch(() => undefined);
    if (signal.aborted) break;
  }
  return differences(loop, list);
}

/** Counts changes that the watch dropped, which would otherwise go unnoticed, and has the list applied. */
function repair<T extends KubeObject>(loop: ReflectorLoop<T>, listing: Listing<T>, missed: number): void {
  const { options, state, waits } = loop;
  // Without a watch, there was none to deliver them.
  if (state.cycle !== undefined) {
    const { plural } = options.resource;
    options.metrics?.missed.inc({ resource: plural }, missed);
    options.log.error({ resource: plural, missed }, 'the watch missed changes, repairing the cache from a list');
  }
  loop.audited = listing;
  state.mustList = true;
  state.cycle?.abort();
  waits.wake();
}

/** Counts the objects of which the list shows something newer than the cache. */
function differences<T extends KubeObject>({ store, state }: ReflectorLoop<T>, list: ObjectList<T>): number {
  const listed = new Set(list.items.map((item) => keyOf(item)));
  const outdated = list.items.filter((item) => {
    const key = keyOf(item);
    const reached = store.get(key)?.metadata.resourceVersion ?? state.deleted?.get(key);
    return !isAtLeast(reached, item.metadata.resourceVersion);
  });
  const gone = store.list().filter((object) => {
    const isOlder = isAtLeast(list.resourceVersion, object.metadata.resourceVersion);
    return isOlder && !listed.has(keyOf(object));
  });
  return outdated.length + gone.length;
}
