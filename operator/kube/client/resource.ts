/** Names one kind of object to the client; `T` is the shape of its objects on the wire and exists at compile time only. */
export interface Resource<T extends KubeObject = KubeObject> {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly shape?: T;
}

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

export interface ObjectMeta {
  readonly name?: string;
  readonly generateName?: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string | Date;
  readonly deletionTimestamp?: string | Date;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  readonly ownerReferences?: readonly OwnerReference[];
}

export interface KubeObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: ObjectMeta;
}

/** `T` as JSON carries it: the typed models of client-node declare `Date` where the API sends a string. */
export type Wire<T> = T extends Date
  ? string
  : T extends readonly (infer E)[]
    ? Wire<E>[]
    : T extends object
      ? { [K in keyof T]: Wire<T[K]> }
      : T;

/** An object as the server stored it: it has a name, a uid and a version. */
export type Stored<T extends KubeObject = KubeObject> = T & {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly generation?: number;
    readonly creationTimestamp?: string;
    readonly deletionTimestamp?: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly finalizers?: readonly string[];
    readonly ownerReferences?: readonly OwnerReference[];
  };
};

export interface ObjectRef {
  readonly name: string;
  readonly namespace?: string;
}

/** Ties a descriptor to the shape of its objects. */
export function defineResource<T extends KubeObject>(descriptor: Omit<Resource, 'shape'>): Resource<T> {
  return descriptor;
}

/** `apps/v1`, or `v1` for the core group. */
export function apiVersionOf(resource: Pick<Resource, 'group' | 'version'>): string {
  return resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
}

/** The key of work queues and stores: `namespace/name`, or `name` for objects of the cluster. */
export function keyOf(object: KubeObject | ObjectRef): string {
  const { name, namespace } = refOf(object);
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** The inverse of `keyOf`. Neither part can hold a slash (RFC 1123 names). */
export function parseKey(key: string): ObjectRef {
  const slash = key.indexOf('/');
  return slash < 0 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

/** @throws when the object has no name, which no stored object lacks. */
export function refOf(object: KubeObject | ObjectRef): ObjectRef {
  if ('name' in object && typeof object.name === 'string') return object;
  const { name, namespace } = (object as KubeObject).metadata ?? {};
  if (name === undefined) throw new TypeError('an object without metadata.name has no key');
  return namespace === undefined ? { name } : { name, namespace };
}

/** Path of a collection, or of one object when a name is given, under the API server's root. */
export function pathOf(resource: Resource, ref: Partial<ObjectRef>, subresource?: 'status'): string {
  const root = resource.group === '' ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`;
  const space =
    resource.namespaced && ref.namespace !== undefined ? `/namespaces/${encodeURIComponent(ref.namespace)}` : '';
  const name = ref.name === undefined ? '' : `/${encodeURIComponent(ref.name)}`;
  return `${root}${space}/${resource.plural}${name}${subresource === undefined ? '' : `/${subresource}`}`;
}
