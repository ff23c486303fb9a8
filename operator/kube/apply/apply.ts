import { createHash } from 'node:crypto';
import { canonicalJson } from '../../../services/shared/domain/canonical-json.ts';
import type { KubeClient } from '../client/client.ts';
import { findDrift } from './drift.ts';
import { refOf, type KubeObject, type Resource, type Stored } from '../client/resource.ts';

export interface ApplyRequest<T extends KubeObject> {
  readonly client: Pick<KubeClient, 'apply'>;
  readonly resource: Resource<T>;
  /** The object in the cache; undefined if there is none. */
  readonly observed: Stored<T> | undefined;
  /** Exactly the fields that this manager sets, without status and resourceVersion. */
  readonly desired: KubeObject;
  readonly fieldManager: string;
  /** Name of the annotation that stores the hash of the last applied object. */
  readonly hashAnnotation: string;
  readonly signal?: AbortSignal;
}

export interface Applied<T extends KubeObject> {
  readonly result: 'unchanged' | 'created' | 'updated';
  readonly object: Stored<T>;
}

/**
 * Applies the object server-side unless it already matches. Writes when the desired object changed (the hash differs;
 * only the hash detects fields that are no longer desired) or when another manager changed a field that we set (drift).
 * @throws KubeError
 */
export async function applyIfChanged<T extends KubeObject>(request: ApplyRequest<T>): Promise<Applied<T>> {
  const { client, resource, observed, desired, fieldManager, hashAnnotation, signal } = request;
  if (observed !== undefined && !needsApply(observed, desired, hashAnnotation)) {
    return { result: 'unchanged', object: observed };
  }
  const object = await client.apply(resource, withHash(desired, hashAnnotation), { fieldManager, signal });
  // A write that changes nothing leaves the resourceVersion unchanged.
  const isSame = object.metadata.resourceVersion === observed?.metadata.resourceVersion;
  return { result: observed === undefined ? 'created' : isSame ? 'unchanged' : 'updated', object };
}

/** Returns whether `observed` differs from `desired` in a field that `desired` sets, or in the applied hash. Pure. */
export function needsApply(observed: Stored, desired: KubeObject, hashAnnotation: string): boolean {
  return findDrift(withHash(desired, hashAnnotation), observed) !== undefined;
}

export interface StatusRequest<T extends KubeObject> {
  readonly client: Pick<KubeClient, 'apply'>;
  readonly resource: Resource<T>;
  readonly observed: Stored<T>;
  /** The complete status; fields it does not set are removed. */
  readonly status: object;
  readonly fieldManager: string;
  readonly signal?: AbortSignal;
}

/**
 * Writes the status subresource if it differs from the observed status. The write is a compare-and-set on the observed
 * version, so a status decided on an older object is rejected with KubeError `Conflict`.
 */
export async function applyStatusIfChanged<T extends KubeObject>(request: StatusRequest<T>): Promise<Applied<T>> {
  const { client, resource, observed, status, fieldManager, signal } = request;
  if (canonicalJson(status) === canonicalJson((observed as { readonly status?: unknown }).status ?? {})) {
    return { result: 'unchanged', object: observed };
  }
  const { resourceVersion } = observed.metadata;
  const desired = { metadata: { ...refOf(observed), resourceVersion }, status } as KubeObject;
  return { result: 'updated', object: await client.apply(resource, desired, { fieldManager, status: true, signal }) };
}

function withHash(desired: KubeObject, hashAnnotation: string): KubeObject {
  const hash = createHash('sha256').update(canonicalJson(desired)).digest('hex').slice(0, 32);
  const annotations = { ...desired.metadata?.annotations, [hashAnnotation]: hash };
  return { ...desired, metadata: { ...desired.metadata, annotations } };
}
