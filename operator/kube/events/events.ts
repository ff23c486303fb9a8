import type { Clock } from '../../../services/shared/runtime/clock.ts';
import type { Logger } from '../../../services/shared/runtime/logger.ts';
import { events } from '../client/builtin-resources.ts';
import type { KubeClient } from '../client/client.ts';
import { isKubeError } from '../client/kube-error.ts';
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
  /** UpperCamelCase, from a fixed set. */
  readonly reason: string;
  /** What was done, UpperCamelCase. */
  readonly action: string;
  /** For people; about 1000 bytes are kept. */
  readonly note: string;
}

export interface EventRecorder {
  /** Returns at once and never fails: what cannot be written is counted in the log and dropped. */
  record(event: RecordedEvent): void;
  /** Resolves when everything recorded before is written or dropped. */
  flush(): Promise<void>;
  /** Flushes, then takes no more. */
  stop(): Promise<void>;
}

export interface EventRecorderOptions {
  readonly client: Pick<KubeClient, 'create' | 'mergePatch'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Name of the controller, `tradingstack.dev/operator`-like. */
  readonly controller: string;
  /** Name of this process, such as the pod. */
  readonly instance: string;
  /** Events that may wait for the server, 256 unless told; later ones are dropped. */
  readonly maxPending?: number;
}

/** client-go's numbers: a series ends after 6 quiet minutes; 25 events at once and one each 5 min, here for a reason of an object. */
const SERIES_ENDS_MS = 6 * 60_000;
const BURST = 25;
const PER_SECOND = 1 / 300;
/** The server takes 1024; a character cut in two grows by up to three. */
const MAX_NOTE_BYTES = 1_000;
const MAX_REMEMBERED = 1_024;

interface Series {
  readonly event: RecordedEvent;
  readonly name: string;
  readonly firstMs: number;
  count: number;
  lastMs: number;
  /** What the server knows of. */
  writtenCount: number;
  queued: boolean;
}

/**
 * Repeats of an event become one object with a count. Bounds: pending events, remembered series, events of a reason of an object: the many steps
 * of a rollout do not use up what a halt needs.
 */
export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const { clock, log, maxPending = 256 } = options;
  const seriesByKey = new Map<string, Series>();
  const buckets = new Map<string, TokenBucket>();
  const pending: Series[] = [];
  let draining: Promise<void> | undefined;
  let closed = false;

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
        await writeSeries(options, series);
      } catch (error) {
        log.warn({ err: error, reason: series.event.reason }, 'an event could not be written');
      }
    }
  }

  async function drainAll(): Promise<void> {
    // Recording starts after the caller's own work: a reconcile never waits for its events.
    await Promise.resolve();
    do {
      await drain();
    } while (pending.length > 0);
    draining = undefined;
  }

  function seriesOf(event: RecordedEvent): Series {
    const key = keyOfEvent(event);
    const nowMs = clock.monotonicMs();
    const present = seriesByKey.get(key);
    const goesOn = present !== undefined && nowMs - present.lastMs < SERIES_ENDS_MS;
    const series = goesOn ? present : newSeries(event, clock);
    series.count += 1;
    series.lastMs = nowMs;
    remember(seriesByKey, key, series);
    return series;
  }

  function record(event: RecordedEvent): void {
    if (closed || !isAllowed(event)) {
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
      closed = true;
      await flush();
    },
  };
}

function logDropped(log: Logger, { reason, note, regarding: { kind } }: RecordedEvent): void {
  log.warn({ reason, kind, note }, 'event dropped');
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
      // Events live for an hour; one that is gone begins anew.
      if (!isKubeError(error, 'NotFound')) throw error;
    }
  }
  await client.create(events, toObject(options, series, namespace));
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
  // client-go's own naming: unique enough for an object, and sorted by time.
  const name = `${event.regarding.name.slice(0, 200)}.${(BigInt(firstMs) * 1_000_000n + nextSerial()).toString(16)}`;
  return { event, name, firstMs, count: 0, lastMs: clock.monotonicMs(), writtenCount: 0, queued: false };
}

let serial = 0n;

/** Two events of one millisecond must not share a name. */
function nextSerial(): bigint {
  serial = (serial + 1n) % 1_000_000n;
  return serial;
}

function keyOfEvent(event: RecordedEvent): string {
  const { regarding, type, reason, action, note } = event;
  return JSON.stringify([regarding.uid, type, reason, action, note]);
}

/** Forgets the least recently used beyond the bound. */
function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key);
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= MAX_REMEMBERED) return;
    map.delete(oldest);
  }
}
