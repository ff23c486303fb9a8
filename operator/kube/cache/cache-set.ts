import type { Clock } from '../../../services/shared/runtime/clock.ts';
import type { Logger } from '../../../services/shared/runtime/logger.ts';
import type { KubeClient } from '../client/client.ts';
import type { KubeObject, Resource } from '../client/resource.ts';
import type { ReflectorMetrics } from '../metrics.ts';
import { cacheOfNamespaces, type ObjectCache } from './object-cache.ts';
import { createReflector, type Reflector } from './reflector.ts';
import type { Change } from './store.ts';

export interface CacheSetOptions {
  readonly client: Pick<KubeClient, 'list' | 'watch'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Empty for all namespaces. */
  readonly namespaces: readonly string[];
  readonly metrics?: ReflectorMetrics;
}

export interface Selector {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

/** The caches of several kinds in the same namespaces, started and stopped together. */
export interface CacheSet {
  /** Adds a cache. Call it before `start`. */
  follow<T extends KubeObject>(resource: Resource<T>, selector?: Selector): ObjectCache<T>;
  /** Calls `handler` with every change and the plural name of its resource. Covers the caches added so far. */
  onChange(handler: (change: Change, plural: string) => void): void;
  start(): void;
  stop(): Promise<void>;
  /** Resolves when every cache contains a list begun after this call. */
  relisted(signal: AbortSignal): Promise<void>;
  /**
   * By resource: milliseconds since the oldest of its caches was last known to be current; Infinity before its first
   * list.
   */
  agesMs(): ReadonlyMap<string, number>;
}

/** Creates an empty set. Each cache has one reflector per namespace, or a single one for all namespaces. */
export function createCacheSet(options: CacheSetOptions): CacheSet {
  const { client, clock, log, metrics, namespaces } = options;
  const followed: { readonly plural: string; readonly reflector: Reflector<KubeObject> }[] = [];
  const scopes = namespaces.length === 0 ? [{}] : namespaces.map((namespace) => ({ namespace }));

  function follow<T extends KubeObject>(resource: Resource<T>, selector: Selector = {}): ObjectCache<T> {
    const measured = metrics === undefined ? {} : { metrics };
    const byScope = scopes.map((scope) =>
      createReflector<T>({ client, resource, clock, log, ...selector, ...scope, ...measured }),
    );
    // The cast is safe: changes and age of a reflector do not depend on the shape of its objects.
    const reflectors = byScope as unknown as readonly Reflector<KubeObject>[];
    followed.push(...reflectors.map((reflector) => ({ plural: resource.plural, reflector })));
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
    relisted: async (signal) => {
      await Promise.all(followed.map(async ({ reflector }) => await reflector.relisted(signal)));
    },
    agesMs: () => {
      const ages = new Map<string, number>();
      for (const { plural, reflector } of followed)
        ages.set(plural, Math.max(ages.get(plural) ?? 0, reflector.ageMs()));
      return ages;
    },
  };
}
