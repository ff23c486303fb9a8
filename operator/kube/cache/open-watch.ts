import type { KubeObject } from '../client/resource.ts';
import type { WatchEvent } from '../client/watch.ts';
import { DEFAULTS, type ReflectorOptions } from './reflector-options.ts';

/** A watch that has been requested. */
export interface OpenWatch<T extends KubeObject> {
  /** Ends this watch alone. */
  readonly cycle: AbortController;
  /** The first event, requested at once so that the connection is opened. */
  readonly first: Promise<IteratorResult<WatchEvent<T>, unknown>>;
  readonly rest: AsyncGenerator<WatchEvent<T>>;
  readonly openedMs: number;
  /** When the server ends it, on the monotonic clock. */
  readonly endsMs: number;
  /** It could not be opened. */
  readonly hasFailed: boolean;
}

/**
 * How long before the end of a watch the next one is opened. An API server that answers within this time leaves no gap
 * between two watches.
 */
export const SUCCESSOR_LEAD_MS = 10_000;

/** Requests a watch from a version on. */
export function openWatch<T extends KubeObject>(options: ReflectorOptions<T>, resourceVersion: string): OpenWatch<T> {
  const { client, resource, namespace, labelSelector, fieldSelector, clock, metrics } = options;
  const { random, watchTimeoutMs, idleMs } = { ...DEFAULTS, ...options };
  const cycle = new AbortController();
  const timeoutMs = watchTimeoutMs * (1 + random() / 2);
  const openedMs = clock.monotonicMs();
  const scope = { namespace, labelSelector, fieldSelector };
  metrics?.watches.inc({ resource: resource.plural });
  const rest = client.watch(resource, { ...scope, resourceVersion, timeoutMs, idleMs, signal: cycle.signal });
  const first = rest.next();
  const watch = { cycle, first, rest, openedMs, endsMs: openedMs + timeoutMs, hasFailed: false };
  // Handled by whoever reads the watch; a successor may fail before that.
  first.catch(() => {
    watch.hasFailed = true;
  });
  return watch;
}

/** Yields the events of a watch, from the first. */
export async function* eventsOf<T extends KubeObject>({ first, rest }: OpenWatch<T>): AsyncGenerator<WatchEvent<T>> {
  const result = await first;
  if (result.done === true) return;
  yield result.value;
  yield* rest;
}

/** Ends a watch and resolves once its request is closed. */
export async function closeWatch<T extends KubeObject>(watch: OpenWatch<T> | undefined): Promise<void> {
  if (watch === undefined) return;
  watch.cycle.abort();
  await watch.first.catch(() => undefined);
  await watch.rest.return(undefined).catch(() => undefined);
}
