import { keyOf, type KubeObject } from '../client/resource.ts';
import type { ObjectList } from '../client/list.ts';
import { createBackoff } from './backoff.ts';
import { recordFailure, type ReflectorLoop } from './loop-state.ts';
import { DEFAULTS } from './reflector-options.ts';
import { isAtLeast } from './store.ts';

/** How long a watch may take to deliver what a list already shows. */
const GRACE_MS = 5_000;
/** Audits come early by up to this part of the interval, so that caches and replicas do not list all at once. */
const JITTER_PART = 0.2;

/**
 * Compares the cache with a complete list from time to time, until the signal fires. The list runs beside the watch: a
 * watch that works is kept even while lists fail. Only a difference that the watch does not deliver within a few
 * seconds ends it, and the cache is listed again. Never rejects.
 */
export async function runAudits<T extends KubeObject>(loop: ReflectorLoop<T>, signal: AbortSignal): Promise<void> {
  const { options, state } = loop;
  const { clock, auditIntervalMs, minBackoffMs: minMs, maxBackoffMs: maxMs, random } = { ...DEFAULTS, ...options };
  const backoff = createBackoff({ minMs, maxMs, random });
  const sleep = async (ms: number): Promise<void> => await clock.sleep(ms, signal).catch(() => undefined);
  let auditedMs = clock.monotonicMs();
  let intervalMs = auditIntervalMs * (1 - random() * JITTER_PART);
  while (!signal.aborted) {
    // Every other list that the reflector makes is as good as an audit.
    const leftMs = Math.max(auditedMs, state.listBegunMs ?? 0) + intervalMs - clock.monotonicMs();
    if (leftMs > 0) {
      await sleep(leftMs);
      continue;
    }
    try {
      await audit(loop, signal);
      auditedMs = clock.monotonicMs();
      intervalMs = auditIntervalMs * (1 - random() * JITTER_PART);
      backoff.reset();
    } catch (error) {
      const retryAfterMs = signal.aborted ? 0 : recordFailure(loop, error);
      await sleep(Math.max(backoff.nextMs(), retryAfterMs));
    }
  }
}

async function audit<T extends KubeObject>(loop: ReflectorLoop<T>, signal: AbortSignal): Promise<void> {
  const { options, state } = loop;
  const { client, resource, namespace, labelSelector, fieldSelector, clock } = options;
  const begunMs = clock.monotonicMs();
  const listBefore = state.listBegunMs;
  state.deleted = new Map();
  try {
    const list = await client.list(resource, { namespace, labelSelector, fieldSelector, signal });
    if (differences(loop, list) > 0) await clock.sleep(GRACE_MS, signal);
    // The reflector has listed meanwhile, which is as good.
    if (state.listBegunMs !== listBefore) return;
    options.metrics?.lists.inc({ resource: resource.plural });
    const missed = differences(loop, list);
    if (missed === 0) {
      state.listBegunMs = begunMs;
      state.freshAtMs = Math.max(begunMs, state.freshAtMs ?? begunMs);
      state.failure = undefined;
    } else {
      repair(loop, missed);
    }
  } finally {
    state.deleted = undefined;
  }
}

/** Counts changes that the watch dropped, which would otherwise go unnoticed, and requests another list. */
function repair<T extends KubeObject>({ options, state }: ReflectorLoop<T>, missed: number): void {
  // Without a watch, there was none to deliver them.
  if (state.cycle !== undefined) {
    const { plural } = options.resource;
    options.metrics?.missed.inc({ resource: plural }, missed);
    options.log.error({ resource: plural, missed }, 'the watch missed changes, repairing the cache from a list');
  }
  state.mustList = true;
  state.cycle?.abort();
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
