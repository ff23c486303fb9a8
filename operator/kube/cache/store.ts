import { keyOf, type KubeObject, type Resource, type Stored } from '../client/resource.ts';

/** Read-only view of the cache. Readers share its objects and must not modify them. */
export interface Store<T extends KubeObject> {
  get(key: string): Stored<T> | undefined;
  /** Returns all objects, or those of one namespace. */
  list(namespace?: string): Stored<T>[];
  /** Returns the objects with an owner reference to this uid. */
  ownedBy(uid: string): Stored<T>[];
  readonly size: number;
  /** Version of the collection that the cache has reached; undefined before the first list. */
  readonly resourceVersion: string | undefined;
}

/** A change as passed to handlers. It does not carry the object, so that no handler can act on an old copy. */
export interface Change {
  readonly type: 'added' | 'updated' | 'deleted';
  readonly key: string;
  readonly labels: Readonly<Record<string, string>>;
  /**
   * Whether the change may state a new intent: an object that was added, deleted or marked for deletion, or another
   * generation, label or annotation. False if only the status or the finalizers changed, which controllers write.
   * Always true for kinds whose objects have no generation.
   */
  readonly intentChanged: boolean;
}

export interface MutableStore<T extends KubeObject> extends Store<T> {
  /** Adds or updates an object. Returns undefined if this version is already in the cache. */
  put(object: Stored<T>): Change | undefined;
  /** Removes an object. Returns undefined if it is not in the cache. */
  remove(object: Stored<T>): Change | undefined;
  /** Makes the cache equal to a complete list and returns every difference. */
  replace(items: readonly Stored<T>[], resourceVersion: string): Change[];
  /** Records that the cache has reached this version of the collection. */
  advanceTo(resourceVersion: string): void;
}

export interface StoreOptions {
  /** As `keepsManagedFields` of the resource. */
  readonly keepManagedFields?: Resource['keepsManagedFields'];
}

/** Creates an empty cache, indexed by namespace and owner. */
export function createStore<T extends KubeObject>({ keepManagedFields = false }: StoreOptions = {}): MutableStore<T> {
  const objects = new Map<string, Stored<T>>();
  const byNamespace = createIndex();
  const byOwner = createIndex();
  let version: string | undefined;

  function unindex(key: string, object: Stored<T>): void {
    byNamespace.remove(object.metadata.namespace ?? '', key);
    for (const owner of ownersOf(object)) byOwner.remove(owner, key);
  }

  function put(full: Stored<T>): Change | undefined {
    const object = keepManagedFields === true ? full : withFewerManagedFields(full, keepManagedFields);
    const key = keyOf(object);
    const before = objects.get(key);
    if (before?.metadata.resourceVersion === object.metadata.resourceVersion) return undefined;
    if (before !== undefined) unindex(key, before);
    objects.set(key, object);
    byNamespace.add(object.metadata.namespace ?? '', key);
    for (const owner of ownersOf(object)) byOwner.add(owner, key);
    return before === undefined ? changeOf('added', object) : changeOf('updated', object, isNewIntent(before, object));
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
      const deleted = [...objects].filter(([key]) => !kept.has(key)).map(([, object]) => object);
      version = resourceVersion;
      return [...deleted.map(remove), ...items.map(put)].filter((change) => change !== undefined);
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
 * Returns whether version `a` is equal to or later than `b`. Versions of one resource type compare as decimal numbers
 * of any length (Kubernetes 1.35, KEP-5504; also true of earlier servers on etcd).
 */
export function isAtLeast(a: string | undefined, b: string): boolean {
  return a !== undefined && (a.length === b.length ? a >= b : a.length > b.length);
}

function changeOf(type: Change['type'], object: Stored, intentChanged = true): Change {
  return { type, key: keyOf(object), labels: object.metadata.labels ?? {}, intentChanged };
}

function isNewIntent({ metadata: before }: Stored, { metadata: after }: Stored): boolean {
  const intentOf = ({ uid, generation, labels, annotations, deletionTimestamp }: Stored['metadata']): string =>
    JSON.stringify([uid, generation, labels, annotations, deletionTimestamp]);
  return after.generation === undefined || intentOf(before) !== intentOf(after);
}

function ownersOf(object: Stored): string[] {
  return (object.metadata.ownerReferences ?? []).map(({ uid }) => uid);
}

function withFewerManagedFields<T extends KubeObject>(
  object: Stored<T>,
  keep: false | { readonly except: string },
): Stored<T> {
  const { managedFields, ...metadata } = object.metadata;
  const entries: readonly { readonly manager?: unknown; readonly subresource?: unknown }[] =
    keep !== false && Array.isArray(managedFields) ? managedFields : [];
  const kept = entries.filter(
    ({ manager, subresource }) => keep !== false && manager !== keep.except && subresource !== 'status',
  );
  return { ...object, metadata: kept.length === 0 ? metadata : { ...metadata, managedFields: kept } };
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
      // Namespaces and owners are created and deleted, so keeping empty sets would leak memory.
      if (set?.size === 0) sets.delete(value);
    },
  };
}
