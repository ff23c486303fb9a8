import type { KubeConfig } from '@kubernetes/client-node';
import type { Clock } from '../../../services/shared/runtime/clock.ts';
import type { Logger } from '../../../services/shared/runtime/logger.ts';
import { createConnection } from './connection.ts';
import { withDeadline } from './deadline.ts';
import { KubeError, isKubeError } from './kube-error.ts';
import { listAll, type ListOptions, type ObjectList } from './list.ts';
import type { ClientMetrics } from '../metrics.ts';
import { sendRequest, unanswered, type ApiRequest, type RequestContext } from './request.ts';
import {
  apiVersionOf,
  pathOf,
  refOf,
  type KubeObject,
  type ObjectRef,
  type Resource,
  type Stored,
} from './resource.ts';
import { watchEvents, type WatchEvent, type WatchOptions } from './watch.ts';

export interface WriteLease {
  /**
   * Returns for how long this process may still write, in ms; 0 rejects a write with `NotLeader`. It is asked before a
   * write waits for a socket and again right before the write is sent, and bounds the deadline of the write. So a write
   * leaves only while it is permitted. One that has left may still be applied later, by as much as the network and the
   * server delay it; the lease must outlast that.
   */
  writeLeftMs(): number;
  /** Fires when the lease is lost, which aborts every write that is under way, whoever waits for it. */
  readonly lost?: AbortSignal;
}

export interface KubeClientOptions {
  readonly kubeConfig: KubeConfig;
  readonly clock: Clock;
  readonly log: Logger;
  readonly userAgent: string;
  /** Deadline of every call. Watches have their own bounds. Default: 10 s. */
  readonly deadlineMs?: number;
  /** Maximum sockets of reads, and as many again of writes. Watches have their own sockets. Default: 4. */
  readonly maxConnections?: number;
  readonly metrics?: ClientMetrics;
  /** Bounds every write. `None` for a client that may write without a lease, such as that of the lease itself. */
  readonly lease: WriteLease | 'None';
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  readonly deadlineMs?: number | undefined;
}

export interface WriteOptions extends CallOptions {
  /** Validates, admits and completes the object, and stores nothing. Unknown fields are refused, too. */
  readonly dryRun?: boolean;
}

export interface ApplyOptions extends WriteOptions {
  readonly fieldManager: string;
  /** Takes over fields from other managers, because the operator decides on its own children. Default: true. */
  readonly force?: boolean;
  /** Writes the status subresource. */
  readonly status?: boolean;
}

export interface PatchOptions extends WriteOptions {
  /** Writes the status subresource. */
  readonly status?: boolean;
  readonly fieldManager?: string;
}

export interface DeleteOptions extends CallOptions {
  /** Deletes only the object with this uid, not a later object of the same name. */
  readonly uid?: string;
}

/**
 * Client of the API server over plain REST. Objects are returned exactly as sent by the server, unknown fields
 * included. There is no replace, because a read-modify-replace of a typed object drops fields that its type lacks.
 * Every call rejects with KubeError only. One that names no object throws TypeError at once: it is a mistake in code.
 */
export interface KubeClient {
  get<T extends KubeObject>(resource: Resource<T>, ref: ObjectRef, options?: CallOptions): Promise<Stored<T>>;
  /** Like `get`, but resolves with undefined if the object does not exist. */
  find<T extends KubeObject>(
    resource: Resource<T>,
    ref: ObjectRef,
    options?: CallOptions,
  ): Promise<Stored<T> | undefined>;
  /** Returns all pages. The deadline applies to each page. */
  list<T extends KubeObject>(resource: Resource<T>, options?: ListOptions): Promise<ObjectList<T>>;
  create<T extends KubeObject>(resource: Resource<T>, object: KubeObject, options?: WriteOptions): Promise<Stored<T>>;
  /** Server-side apply. A `metadata.resourceVersion` in the object makes it a compare-and-set. */
  apply<T extends KubeObject>(resource: Resource<T>, object: KubeObject, options: ApplyOptions): Promise<Stored<T>>;
  /** JSON merge patch (RFC 7386). A `metadata.resourceVersion` in the patch makes it a compare-and-set. */
  mergePatch<T extends KubeObject>(
    resource: Resource<T>,
    ref: ObjectRef,
    patch: object,
    options?: PatchOptions,
  ): Promise<Stored<T>>;
  /** Replaces the finalizers if the object is unchanged; otherwise rejects with `Conflict`. */
  setFinalizers<T extends KubeObject>(
    resource: Resource<T>,
    object: Stored<T>,
    finalizers: readonly string[],
    options?: PatchOptions,
  ): Promise<Stored<T>>;
  /**
   * Removes fields by JSON Patch (RFC 6902), in the order of `pointers`, if the object is unchanged; otherwise rejects
   * with `Conflict`. Unlike an apply it also removes fields of other managers.
   */
  removeFields<T extends KubeObject>(
    resource: Resource<T>,
    object: Stored<T>,
    pointers: readonly string[],
    options?: PatchOptions,
  ): Promise<Stored<T>>;
  /** Like `removeFields`, but gives one field, which must be there, exactly this value. */
  replaceField<T extends KubeObject>(
    resource: Resource<T>,
    object: Stored<T>,
    field: { readonly pointer: string; readonly value: unknown },
    options?: PatchOptions,
  ): Promise<Stored<T>>;
  /** Deletes the object. Also succeeds if it does not exist. */
  delete<T extends KubeObject>(resource: Resource<T>, ref: ObjectRef, options?: DeleteOptions): Promise<void>;
  watch<T extends KubeObject>(resource: Resource<T>, options: WatchOptions): AsyncGenerator<WatchEvent<T>>;
  close(): Promise<void>;
}

interface Call extends ApiRequest {
  readonly verb: string;
  readonly resource: Resource;
}

/** Creates a client whose calls and watches share the credentials of one kubeconfig. */
export function createKubeClient(options: KubeClientOptions): KubeClient {
  const { clock, userAgent, metrics, deadlineMs = 10_000, maxConnections = 4 } = options;
  const connection = createConnection({ kubeConfig: options.kubeConfig, clock, maxConnections });

  function count(call: Pick<Call, 'verb' | 'resource'>, code: string): void {
    metrics?.requests.inc({ verb: call.verb, resource: call.resource.plural, code });
  }

  async function send<T>(call: Call, bounds: CallOptions = {}): Promise<T> {
    const sending = sendingOf(call, options.lease);
    const refused = sending.refusal?.();
    if (refused !== undefined) {
      count(call, refused.code);
      throw refused;
    }
    const startedAtMs = clock.monotonicMs();
    const ms = Math.min(bounds.deadlineMs ?? deadlineMs, sending.leftMs);
    try {
      const parsed = await withDeadline({ clock, ms, signal: bounds.signal, lost: sending.lost }, async (signal) => {
        const { pool, refusal } = sending;
        const answer = await sendRequest(call, { connection, userAgent, signal, pool, refusal });
        count(call, String(answer.statusCode));
        const text = await answer.body.text().catch((error: unknown) => Promise.reject(unanswered(error, signal)));
        return parse(text) as T;
      });
      metrics?.latency.observe(
        { verb: call.verb, resource: call.resource.plural },
        (clock.monotonicMs() - startedAtMs) / 1_000,
      );
      return parsed;
    } catch (error) {
      const failure =
        error instanceof KubeError ? error : new KubeError('Unavailable', 'the request failed', { cause: error });
      count(call, String(failure.status ?? failure.code));
      options.log.debug({ verb: call.verb, path: call.path, code: failure.code }, 'API call failed');
      throw failure;
    }
  }

  const reads = readCalls(send);
  return {
    ...reads,
    ...writeCalls(send),
    watch: (resource, watchOptions) => {
      count({ verb: 'watch', resource }, 'opened');
      return watchEvents(resource, watchOptions, { connection, userAgent, clock, connectMs: deadlineMs });
    },
    close: () => connection.close(),
  };
}

interface Sending extends Pick<RequestContext, 'pool' | 'refusal'> {
  /** Upper bound of the deadline. */
  readonly leftMs: number;
  readonly lost?: AbortSignal | undefined;
}

function sendingOf({ method }: ApiRequest, lease: KubeClientOptions['lease']): Sending {
  if (method === 'GET') return { pool: 'reads', leftMs: Number.POSITIVE_INFINITY };
  if (lease === 'None') return { pool: 'writes', leftMs: Number.POSITIVE_INFINITY };
  const refusal = (): KubeError | undefined =>
    lease.writeLeftMs() > 0
      ? undefined
      : new KubeError('NotLeader', 'write rejected: this process does not hold the leader lease');
  return { pool: 'writes', leftMs: lease.writeLeftMs(), lost: lease.lost, refusal };
}

type Send = <T>(call: Call, bounds?: CallOptions) => Promise<T>;

function readCalls(send: Send): Pick<KubeClient, 'get' | 'find' | 'list'> {
  const get: KubeClient['get'] = async (resource, ref, options) =>
    await send({ verb: 'get', resource, method: 'GET', path: pathOf(resource, ref) }, options);
  return {
    get,
    find: async (resource, ref, options) => {
      try {
        return await get(resource, ref, options);
      } catch (error) {
        if (isKubeError(error, 'NotFound')) return undefined;
        throw error;
      }
    },
    list: (resource, options = {}) =>
      listAll(resource, options, (query) =>
        send({ verb: 'list', resource, method: 'GET', path: pathOf(resource, namespaceOf(options)), query }, options),
      ),
  };
}

type WriteMethods = 'create' | 'apply' | 'mergePatch' | 'setFinalizers' | 'removeFields' | 'replaceField' | 'delete';

function writeCalls(send: Send): Pick<KubeClient, WriteMethods> {
  const mergePatch: KubeClient['mergePatch'] = async (resource, ref, body, options = {}) =>
    await send(
      {
        verb: 'patch',
        resource,
        method: 'PATCH',
        path: pathOf(resource, ref, subresourceOf(options)),
        query: { fieldManager: options.fieldManager, ...dryRunOf(options) },
        contentType: 'application/merge-patch+json',
        body,
      },
      options,
    );
  return {
    mergePatch,
    create: async (resource, object, options = {}) => {
      const path = pathOf(resource, namespaceOf(object.metadata ?? {}));
      const query = dryRunOf(options);
      const body = complete(resource, object);
      return await send({ verb: 'create', resource, method: 'POST', path, query, body }, options);
    },
    apply: async (resource, object, options) =>
      await send(
        {
          verb: 'apply',
          resource,
          method: 'PATCH',
          path: pathOf(resource, refOf(object), subresourceOf(options)),
          query: {
            fieldManager: options.fieldManager,
            force: String(options.force ?? true),
            ...dryRunOf(options),
          },
          // JSON is valid YAML. This content type selects server-side apply on every API server since 1.22.
          contentType: 'application/apply-patch+yaml',
          body: complete(resource, object),
        },
        options,
      ),
    setFinalizers: async (resource, object, finalizers, options) =>
      await mergePatch(
        resource,
        refOf(object),
        { metadata: { finalizers, resourceVersion: object.metadata.resourceVersion, uid: object.metadata.uid } },
        options,
      ),
    removeFields: async (resource, object, pointers, options) => {
      const operations = pointers.map((path) => ({ op: 'remove', path }));
      return await send(jsonPatch(resource, object, operations, options), options);
    },
    replaceField: async (resource, object, { pointer: path, value }, options) =>
      await send(jsonPatch(resource, object, [{ op: 'replace', path, value }], options), options),
    delete: (resource, ref, options = {}) => deleteObject(send, { resource, ref, options }),
  };
}

function jsonPatch(
  resource: Resource,
  object: Stored,
  operations: readonly object[],
  options: PatchOptions = {},
): Call {
  // The patch would be repeated on any newer version, whose list items may be others, if it named none.
  const version = { op: 'replace', path: '/metadata/resourceVersion', value: object.metadata.resourceVersion };
  return {
    verb: 'patch',
    resource,
    method: 'PATCH',
    path: pathOf(resource, refOf(object), subresourceOf(options)),
    query: { fieldManager: options.fieldManager, ...dryRunOf(options) },
    contentType: 'application/json-patch+json',
    body: [version, ...operations],
  };
}

function subresourceOf({ status }: { readonly status?: boolean }): 'status' | undefined {
  return status === true ? 'status' : undefined;
}

function dryRunOf({ dryRun }: WriteOptions): Readonly<Record<string, string>> {
  return dryRun === true ? { dryRun: 'All', fieldValidation: 'Strict' } : {};
}

interface Deletion {
  readonly resource: Resource;
  readonly ref: ObjectRef;
  readonly options: DeleteOptions;
}

async function deleteObject(send: Send, { resource, ref, options }: Deletion): Promise<void> {
  const preconditions = { uid: options.uid };
  const body = { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Background', preconditions };
  try {
    await send({ verb: 'delete', resource, method: 'DELETE', path: pathOf(resource, ref), body }, options);
  } catch (error) {
    if (!isKubeError(error, 'NotFound')) throw error;
  }
}

function complete(resource: Resource, object: KubeObject): KubeObject {
  return { ...object, apiVersion: apiVersionOf(resource), kind: resource.kind };
}

function namespaceOf({ namespace }: { readonly namespace?: string | undefined }): Partial<ObjectRef> {
  return namespace === undefined ? {} : { namespace };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // No cause, because the parser's message quotes the text, which may be a Secret.
    throw new KubeError('Protocol', 'the API server did not answer with JSON');
  }
}
