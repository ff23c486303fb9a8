import { KubeError } from './kube-error.ts';

/**
 * Describes one kind of object to the client. `T`, the shape of its objects on the wire, exists at compile time only.
 */
export interface Resource<T extends KubeObject = KubeObject> {
  /** API group; empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
  /**
   * Whether caches keep `metadata.managedFields`, the record of who set a field: all of it, or only the part of
   * managers other than the given one. Default: false, because it often takes more than half of an object's bytes.
   */
  readonly keepsManagedFields?: boolean | { readonly except: string };
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
  readonly managedFields?: unknown;
}

export interface KubeObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: ObjectMeta;
}

/** `T` as JSON carries it. The typed models of client-node declare `Date` where the API sends a string. */
export type Wire<T> = T extends Date
  ? string
  : T extends readonly (infer E)[]
    ? Wire<E>[]
    : T extends object
      ? { [K in keyof T]: Wire<T[K]> }
      : T;

/** An object as stored by the server, which always has a name, a uid and a resource version. */
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
    readonly managedFields?: unknown;
  };
};

export interface ObjectRef {
  readonly name: string;
  readonly namespace?: string;
}

/** Returns the descriptor, typed with the shape of its objects. */
export function defineResource<T extends KubeObject>(descriptor: Omit<Resource, 'shape'>): Resource<T> {
  return descriptor;
}

/** Returns the apiVersion, such as `apps/v1`, or `v1` for the core group. */
export function apiVersionOf(resource: Pick<Resource, 'group' | 'version'>): string {
  return resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
}

/** Returns the key used by work queues and stores: `namespace/name`, or `name` for cluster-scoped objects. */
export function keyOf(object: KubeObject | ObjectRef): string {
  const { name, namespace } = refOf(object);
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** Splits a key made by `keyOf`. Neither part can contain a slash (RFC 1123 names). */
export function parseKey(key: string): ObjectRef {
  const slash = key.indexOf('/');
  return slash < 0 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

/** Returns name and namespace. @throws KubeError `BadRequest` when the object has no name; every stored one has. */
export function refOf(object: KubeObject | ObjectRef): ObjectRef {
  if ('name' in object && typeof object.name === 'string') return object;
  const { name, namespace } = (object as KubeObject).metadata ?? {};
  if (name === undefined)
    throw new KubeError('BadRequest', 'the object has no metadata.name, and so no path and no key');
  return namespace === undefined ? { name } : { name, namespace };
}

/**
 * Returns the URL path of a collection, or of one object if `ref` has a name, below the API server's root.
 * @throws KubeError `BadRequest` for a name that is no segment of a path.
 */
export function pathOf(resource: Resource, ref: Partial<ObjectRef>, subresource?: 'status'): string {
  const root = resource.group === '' ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`;
  const namespace =
    resource.namespaced && ref.namespace !== undefined
      ? `/namespaces/${segmentOf(ref.namespace, `the namespace of a ${resource.kind}`)}`
      : '';
  const name = ref.name === undefined ? '' : `/${segmentOf(ref.name, `the name of a ${resource.kind}`)}`;
  return `${root}${namespace}/${resource.plural}${name}${subresource === undefined ? '' : `/${subresource}`}`;
}

/**
 * An empty name would address the collection, and `..` the namespace itself. client-go refuses the same names
 * (apimachinery `pkg/api/validation/path/name.go`).
 */
function segmentOf(name: string, what: string): string {
  if (name === '' || name === '.' || name === '..' || /[/%]/u.test(name))
    throw new KubeError('BadRequest', `${JSON.stringify(name)} cannot be ${what}; no request was sent`);
  return encodeURIComponent(name);
}
