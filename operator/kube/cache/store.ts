import { keyOf, type KubeObject, type Stored } from '../client/resource.ts';

/** The cache as readers see it. Its objects are shared: nobody may change them. */
export interface Store<T extends KubeObject> {
  get(key: string): Stored<T> | undefined;
  /** All objects, or those of one namespace. */
  list(namespace?: string): Stored<T>[];
  /** Objects with an owner reference to this uid. */
  ownedBy(uid: string): Stored<T>[];
  readonly size: number;
  /** How far into the collection's history the cache is; undefined before the first list. */
  readonly resourceVersion: string | undefined;
}

/** What handlers learn: never the object, so that none can act on an old copy. */
export interface Change {
  readonly type: 'added' | 'updated' | 'deleted';
  readonly key: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface MutableStore<T extends KubeObject> extends Store<T> {
  put(object: Stored<T>): Change | undefined;
  remove(object: Stored<T>): Change | undefined;
  /** Makes the cache equal to a complete list and tells every difference. */
  replace(items: readonly Stored<T>[], resourceVersion: string): Change[];
  advanceTo(resourceVersion: string): void;
}

export function createStore<T extends KubeObject>(): MutableStore<T> {
  const objects = new Map<string, Stored<T>>();
  const byNamespace = createIndex();
  const byOwner = createIndex();
  let version: string | undefined;

  function unindex(key: string, object: Stored<T>): void {
    byNamespace.remove(object.metadata.namespace ?? '', key);
    for (const owner of ownersOf(object)) byOwner.remove(owner, key);
  }

  function put(full: Stored<T>): Change | undefined {
    const object = withoutManagedFields(full);
    const key = keyOf(object);
    const before = objects.get(key);
    if (before?.metadata.resourceVersion === object.metadata.resourceVersion) return undefined;
    if (before !== undefined) unindex(key, before);
    objects.set(key, object);
    byNamespace.add(object.metadata.namespace ?? '', key);
    for (const owner of ownersOf(object)) byOwner.add(owner, key);
    return changeOf(before === undefined ? 'added' : 'updated', object);
  }

  function remove(object: Stored<T>): Change | undefined {
    const key = keyOf(object);
    const before = objects.get(key);
    if (before === undefined) return undefined;
    objects.delete(key);
    unindex(key, before);
    return changeOf('deleted', object);
  }

  function pick(keys: Iterable<string>): Stored<T>[] {
    return [...keys].flatMap((key) => objects.get(key) ?? []);
  }

  return {
    put,
    remove,
    replace: (items, resourceVersion) => {
      const kept = new Set(items.map((item) => keyOf(item)));
      const gone = [...objects].filter(([key]) => !kept.has(key)).map(([, object]) => object);
      version = resourceVersion;
      return [...gone.map(remove), ...items.map(put)].filter((change) => change !== undefined);
    },
    advanceTo: (resourceVersion) => {
      version = resourceVersion;
    },
    get: (key) => objects.get(key),
    list: (namespace) => (namespace === undefined ? [...objects.values()] : pick(byNamespace.keys(namespace))),
    ownedBy: (uid) => pick(byOwner.keys(uid)),
    get size() {
      return objects.size;
    },
    get resourceVersion() {
      return version;
    },
  };
}

/**
 * Whether version `a` is the same as or later than `b`. Versions of one resource type compare as decimal numbers of any
 * length (Kubernetes 1.35, KEP-5504; true of every server on etcd before).
 */
export function isAtLeast(a: string | undefined, b: string): boolean {
  return a !== undefined && (a.length === b.length ? a >= b : a.length > b.length);
}

function changeOf(type: Change['type'], object: Stored): Change {
  return { type, key: keyOf(object), labels: object.metadata.labels ?? {} };
}

function ownersOf(object: Stored): string[] {
  return (object.metadata.ownerReferences ?? []).map(({ uid }) => uid);
}

/** Often more than half of an object's bytes, and of no use to a level-based reconcile. */
function withoutManagedFields<T extends KubeObject>(object: Stored<T>): Stored<T> {
  const { managedFields: _dropped, ...metadata } = object.metadata as Stored['metadata'] & { managedFields?: unknown };
  return { ...object, metadata };
}

function createIndex() {
  const sets = new Map<string, Set<string>>();
  return {
    keys: (value: string): Iterable<string> => sets.get(value) ?? [],
    add: (value: string, key: string): void => {
      const set = sets.get(value) ?? new Set();
      sets.set(value, set.add(key));
    },
    remove: (value: string, key: string): void => {
      const set = sets.get(value);
      set?.delete(key);
      // Namespaces and owners come and go: an empty set left behind would be a leak.
      if (set?.size === 0) sets.delete(value);
    },
  };
}
