import type { Clock } from '../../../services/shared/runtime/clock.ts';
import type { Logger } from '../../../services/shared/runtime/logger.ts';
import { events } from '../client/builtin-resources.ts';
import type { KubeClient } from '../client/client.ts';
import { isKubeError, isTransient } from '../client/kube-error.ts';
import { microTime } from '../client/micro-time.ts';
import type { KubeObject } from '../client/resource.ts';
import { createTokenBucket, type TokenBucket } from '../queue/token-bucket.ts';

export interface EventSubject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
  readonly uid: string;
}

export interface RecordedEvent {
  readonly regarding: EventSubject;
  readonly type: 'Normal' | 'Warning';
  /** Why the event was recorded: UpperCamelCase, from a fixed set. */
  readonly reason: string;
  /** What was done: UpperCamelCase. */
  readonly action: string;
  /** Text for people, cut to about 1000 bytes. */
  readonly note: string;
}

export interface EventRecorder {
  /** Returns at once and never fails. An event that cannot be written is logged and dropped. */
  record(event: RecordedEvent): void;
  /** Resolves when all events recorded so far are written or dropped. */
  flush(): Promise<void>;
  /** Accepts no further events, and writes those that are pending once each. */
  stop(): Promise<void>;
}

export interface EventRecorderOptions {
  readonly client: Pick<KubeClient, 'create' | 'mergePatch'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Name of the controller, such as `tradingstack.dev/operator`. */
  readonly controller: string;
  /** Name of this process, such as the pod. */
  readonly instance: string;
  /** Maximum events that wait for the server; later ones are dropped. Default: 256. */
  readonly maxPending?: number;
}

/**
 * The limits of client-go: a series ends after 6 min without the event; 25 events at once, then one every 5 min. Here
 * the rate limit applies per object and reason.
 */
const SERIES_ENDS_MS = 6 * 60_000;
const BURST = 25;
const PER_SECOND = 1 / 300;
/** Writes of an event while the server is busy or unreachable; the waits double from 1 s, 31 s in total. */
const WRITES_MAX = 6;
const FIRST_WAIT_MS = 1_000;
/** The server accepts 1024 bytes. A character cut in two grows by up to three bytes. */
const MAX_NOTE_BYTES = 1_000;
const MAX_REMEMBERED = 1_024;

interface Series {
  readonly event: RecordedEvent;
  readonly name: string;
  readonly firstMs: number;
  count: number;
  lastMs: number;
  /** Count last written to the server. */
  writtenCount: number;
  queued: boolean;
}

/**
 * Creates a recorder that writes repeats of an event as one object with a count. Pending events and remembered series
 * are bounded. Events are rate limited per object and reason, so that a rollout's many events do not use up the budget
 * of a halt.
 */
export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const { clock, log, maxPending = 256 } = options;
  const seriesByKey = new Map<string, Series>();
  const buckets = new Map<string, TokenBucket>();
  const pending: Series[] = [];
  const stopping = new AbortController();
  let draining: Promise<void> | undefined;

  function isAllowed({ regarding, reason }: RecordedEvent): boolean {
    const key = `${regarding.uid} ${reason}`;
    const bucket = buckets.get(key) ?? createTokenBucket({ perSecond: PER_SECOND, burst: BURST });
    remember(buckets, key, bucket);
    return bucket.tryTake(clock.monotonicMs());
  }

  async function drain(): Promise<void> {
    for (let series = pending.shift(); series !== undefined; series = pending.shift()) {
      series.queued = false;
      try {
        await writePatiently(options, series, stopping.signal);
      } catch (error) {
        log.warn({ err: error, reason: series.event.reason }, 'event could not be written, dropped');
      }
    }
  }

  async function drainAll(): Promise<void> {
    // Writing starts after the caller's own work, so that a reconcile never waits for its events.
    await Promise.resolve();
    do {
      await drain();
    } while (pending.length > 0);
    draining = undefined;
  }

  function seriesOf(event: RecordedEvent): Series {
    const key = keyOfEvent(event);
    const nowMs = clock.monotonicMs();
    const current = seriesByKey.get(key);
    const continues = current !== undefined && nowMs - current.lastMs < SERIES_ENDS_MS;
    const series = continues ? current : newSeries(event, clock);
    series.count += 1;
    series.lastMs = nowMs;
    remember(seriesByKey, key, series);
    return series;
  }

  function record(event: RecordedEvent): void {
    if (stopping.signal.aborted || !isAllowed(event)) {
      logDropped(log, event);
      return;
    }
    const series = seriesOf(event);
    if (series.queued) return;
    if (pending.length >= maxPending) {
      logDropped(log, event);
      return;
    }
    series.queued = true;
    pending.push(series);
    draining ??= drainAll();
  }

  const flush = async (): Promise<void> => {
    await draining;
  };
  return {
    record,
    flush,
    stop: async () => {
      stopping.abort();
      await flush();
    },
  };
}

function logDropped(log: Logger, { reason, note, regarding: { kind } }: RecordedEvent): void {
  log.warn({ reason, kind, note }, 'event dropped');
}

/** Repeats a write that failed for a transient reason. Later events wait meanwhile, up to `maxPending` of them. */
async function writePatiently(options: EventRecorderOptions, series: Series, stopping: AbortSignal): Promise<void> {
  for (let writes = 1; ; writes += 1) {
    try {
      await writeSeries(options, series);
      return;
    } catch (error) {
      if (writes >= WRITES_MAX || stopping.aborted || !isTransient(error)) throw error;
      const waitMs = error.retryAfterMs ?? FIRST_WAIT_MS * 2 ** (writes - 1);
      await options.clock.sleep(waitMs, stopping).catch(() => undefined);
    }
  }
}

async function writeSeries(options: EventRecorderOptions, series: Series): Promise<void> {
  const { client, clock } = options;
  const { count, event } = series;
  const namespace = event.regarding.namespace ?? 'default';
  if (series.writtenCount > 0) {
    const lastObservedTime = microTime(clock.nowMs() - (clock.monotonicMs() - series.lastMs));
    try {
      await client.mergePatch(events, { namespace, name: series.name }, { series: { count, lastObservedTime } });
      series.writtenCount = count;
      return;
    } catch (error) {
      // The server deletes events after an hour; a deleted one is created again.
      if (!isKubeError(error, 'NotFound')) throw error;
    }
  }
  try {
    await client.create(events, toObject(options, series, namespace));
  } catch (error) {
    // Created by an earlier write whose response was lost; names are unique.
    if (!isKubeError(error, 'AlreadyExists')) throw error;
  }
  series.writtenCount = count;
}

function toObject(options: EventRecorderOptions, series: Series, namespace: string): KubeObject {
  const { event, firstMs } = series;
  const object = {
    metadata: { namespace, name: series.name },
    eventTime: microTime(firstMs),
    reportingController: options.controller,
    reportingInstance: options.instance,
    type: event.type,
    reason: event.reason,
    action: event.action,
    note: Buffer.from(event.note).subarray(0, MAX_NOTE_BYTES).toString(),
    regarding: event.regarding,
    ...(series.count > 1
      ? { series: { count: series.count, lastObservedTime: microTime(options.clock.nowMs()) } }
      : {}),
  };
  return object;
}

function newSeries(event: RecordedEvent, clock: Clock): Series {
  const firstMs = clock.nowMs();
  // The naming of client-go: unique enough per object, and sorted by time.
  const name = `${event.regarding.name.slice(0, 200)}.${(BigInt(firstMs) * 1_000_000n + nextSerial()).toString(16)}`;
  return { event, name, firstMs, count: 0, lastMs: clock.monotonicMs(), writtenCount: 0, queued: false };
}

let serial = 0n;

/** Two events recorded in the same millisecond must not share a name. */
function nextSerial(): bigint {
  serial = (serial + 1n) % 1_000_000n;
  return serial;
}

function keyOfEvent(event: RecordedEvent): string {
  const { regarding, type, reason, action, note } = event;
  return JSON.stringify([regarding.uid, type, reason, action, note]);
}

/** Adds an entry and drops the least recently used ones beyond MAX_REMEMBERED. */
function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key);
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= MAX_REMEMBERED) return;
    map.delete(oldest);
  }
}
