import type { KubeObject, Stored } from '../client/resource.ts';
import type { Reflector } from './reflector.ts';

/** Cached objects of one kind in all watched namespaces. The namespace of objects that have none is empty. */
export interface ObjectCache<T extends KubeObject> {
  get(namespace: string, name: string): Stored<T> | undefined;
  list(namespace?: string): readonly Stored<T>[];
  ownedBy(namespace: string, uid: string): readonly Stored<T>[];
  /**
   * Returns the milliseconds since the server last confirmed that the cache of this namespace, or the oldest of all, is
   * current; Infinity before the first list.
   */
  ageMs(namespace?: string): number;
  /**
   * Reflector that follows an object, for waiting until one's own write is observed. Throws if the object is not
   * watched.
   */
  followerOf(namespace: string, name: string): Reflector<T>;
}

/** Returns a cache over one reflector per namespace, in the same order, or over a single one for all namespaces. */
export function cacheOfNamespaces<T extends KubeObject>(
  reflectors: readonly Reflector<T>[],
  namespaces: readonly string[],
): ObjectCache<T> {
  const followerOf = (namespace: string): Reflector<T> => {
    const follower = reflectors[namespaces.length === 0 ? 0 : namespaces.indexOf(namespace)];
    if (follower === undefined) throw new Error(`namespace ${namespace} is not watched`);
    return follower;
  };
  return {
    get: (namespace, name) => followerOf(namespace).store.get(namespace === '' ? name : `${namespace}/${name}`),
    list: (namespace) =>
      namespace === undefined
        ? reflectors.flatMap(({ store }) => store.list())
        : followerOf(namespace).store.list(namespace),
    ownedBy: (namespace, uid) => followerOf(namespace).store.ownedBy(uid),
    ageMs: (namespace) =>
      namespace === undefined
        ? Math.max(...reflectors.map((reflector) => reflector.ageMs()))
        : followerOf(namespace).ageMs(),
    followerOf,
  };
}

/** Joins caches that each hold the objects of one name. */
export function joinedByName<T extends KubeObject>(byName: ReadonlyMap<string, ObjectCache<T>>): ObjectCache<T> {
  const all = [...byName.values()];
  return {
    get: (namespace, name) => byName.get(name)?.get(namespace, name),
    list: (namespace) => all.flatMap((cache) => cache.list(namespace)),
    ownedBy: (namespace, uid) => all.flatMap((cache) => cache.ownedBy(namespace, uid)),
    ageMs: (namespace) => Math.max(...all.map((cache) => cache.ageMs(namespace))),
    followerOf: (namespace, name) => {
      const cache = byName.get(name);
      if (cache === undefined) throw new Error(`name ${name} is not watched`);
      return cache.followerOf(namespace, name);
    },
  };
}
