import type { Clock } from '../../../services/shared/runtime/clock.ts';
import type { Logger } from '../../../services/shared/runtime/logger.ts';
import type { KubeClient } from '../client/client.ts';
import { KubeError, isKubeError } from '../client/kube-error.ts';
import type { KubeObject, Resource } from '../client/resource.ts';
import type { Gauge, ReflectorMetrics } from '../metrics.ts';
import { cacheOfNamespaces, type ObjectCache } from './object-cache.ts';
import { createReflector, type Reflector } from './reflector.ts';
import type { ReflectorOptions } from './reflector-options.ts';
import type { Change } from './store.ts';

export interface CacheSetOptions {
  readonly client: Pick<KubeClient, 'list' | 'watch'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Empty for all namespaces. Kinds without a namespace are followed in any case. */
  readonly namespaces: readonly string[];
  /** How often a complete list verifies each cache. Default: 10 min. */
  readonly auditIntervalMs?: number;
  readonly metrics?: ReflectorMetrics;
}

/** Which objects of a resource to follow, and how closely. */
export type FollowOptions = Pick<
  ReflectorOptions<KubeObject>,
  'labelSelector' | 'fieldSelector' | 'watchTimeoutMs' | 'maxAgeMs'
>;

/** The caches of several kinds in the same namespaces, started and stopped together. */
export interface CacheSet {
  /** Adds a cache. Call it before `start`. */
  follow<T extends KubeObject>(resource: Resource<T>, options?: FollowOptions): ObjectCache<T>;
  /** Calls `handler` with every change and the plural name of its resource. Covers the caches added so far. */
  onChange(handler: (change: Change, plural: string) => void): void;
  start(): void;
  stop(): Promise<void>;
  /**
   * Resolves when every cache contains a list begun after this call. Rejects with KubeError `Timeout` after `withinMs`;
   * the message names each resource that was not listed and why. Rejects with `Aborted` when the signal fires.
   */
  relisted(signal: AbortSignal, withinMs: number): Promise<void>;
  /**
   * By resource: milliseconds since the oldest of its caches was last known to be current; Infinity before its first
   * list.
   */
  agesMs(): ReadonlyMap<string, number>;
}

interface Followed {
  readonly plural: string;
  /** Undefined for all namespaces. */
  readonly namespace: string | undefined;
  readonly reflector: Reflector<KubeObject>;
}

/** Creates an empty set. Each cache has one reflector per namespace, or a single one for all namespaces. */
export function createCacheSet(options: CacheSetOptions): CacheSet {
  const { client, clock, log, metrics, auditIntervalMs } = options;
  const followed: Followed[] = [];

  /** The caches of a resource share one series, so each reports the objects of all. */
  function objectsOf(plural: string, { objects }: ReflectorMetrics): Gauge {
    const caches = () => followed.filter((one) => one.plural === plural);
    const count = () => caches().reduce((sum, { reflector }) => sum + reflector.store.size, 0);
    return { set: (labels) => objects.set(labels, count()) };
  }

  function follow<T extends KubeObject>(resource: Resource<T>, followOptions: FollowOptions = {}): ObjectCache<T> {
    const { plural } = resource;
    const namespaces = resource.namespaced ? options.namespaces : [];
    const scopes = namespaces.length === 0 ? [{}] : namespaces.map((namespace) => ({ namespace }));
    const chosen = {
      ...(metrics === undefined ? {} : { metrics: { ...metrics, objects: objectsOf(plural, metrics) } }),
      ...(auditIntervalMs === undefined ? {} : { auditIntervalMs }),
    };
    const byScope = scopes.map((scope) =>
      createReflector<T>({ client, resource, clock, log, ...followOptions, ...scope, ...chosen }),
    );
    // The cast is safe: changes and age of a reflector do not depend on the shape of its objects.
    const reflectors = byScope as unknown as readonly Reflector<KubeObject>[];
    followed.push(...reflectors.map((reflector, index) => ({ plural, reflector, namespace: namespaces[index] })));
    return cacheOfNamespaces(byScope, namespaces);
  }

  return {
    follow,
    onChange: (handler) => {
      for (const { plural, reflector } of followed) reflector.onChange((change) => handler(change, plural));
    },
    start: () => {
      for (const { reflector } of followed) reflector.start();
    },
    stop: async () => {
      await Promise.all(followed.map(async ({ reflector }) => await reflector.stop()));
    },
    relisted: async (signal, withinMs) => {
      const missing = new Set(followed);
      const lists = followed.map(async (each) => {
        await each.reflector.relisted(signal);
        missing.delete(each);
      });
      const isComplete = await completesWithin({ clock, ms: withinMs, work: Promise.all(lists) });
      if (!isComplete) throw new KubeError('Timeout', `not listed within ${withinMs / 1_000} s: ${reasonsOf(missing)}`);
    },
    agesMs: () => {
      const ages = new Map<string, number>();
      for (const { plural, reflector } of followed)
        ages.set(plural, Math.max(ages.get(plural) ?? 0, reflector.ageMs()));
      return ages;
    },
  };
}

/** Lists each resource and namespace once, although it may have a cache for each of several names. */
function reasonsOf(missing: ReadonlySet<Followed>): string {
  const reasons = [...missing].map(({ plural, namespace, reflector }) => {
    const failure = reflector.failure();
    const code = isKubeError(failure) ? `${failure.code}: ` : '';
    const place = namespace === undefined ? '' : ` in namespace ${namespace}`;
    return `${plural}${place} (${failure === undefined ? 'no answer yet' : `${code}${failure.message}`})`;
  });
  return [...new Set(reasons)].join(', ');
}

interface TimedWork {
  readonly clock: Clock;
  readonly ms: number;
  readonly work: Promise<unknown>;
}

/** Resolves with false if the work has not ended in time. Rejects if the work rejects first. */
async function completesWithin({ clock, ms, work }: TimedWork): Promise<boolean> {
  const timer = new AbortController();
  const late = clock.sleep(ms, timer.signal).then(
    () => false,
    () => true,
  );
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    timer.abort();
  }
}
