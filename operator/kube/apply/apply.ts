import { createHash } from 'node:crypto';
import { canonicalJson } from '../../../services/shared/domain/canonical-json.ts';
import type { KubeClient } from '../client/client.ts';
import { findDrift } from './drift.ts';
import { refOf, type KubeObject, type Resource, type Stored } from '../client/resource.ts';

export interface ApplyRequest<T extends KubeObject> {
  readonly client: Pick<KubeClient, 'apply'>;
  readonly resource: Resource<T>;
  /** The object in the cache, undefined where there is none. */
  readonly observed: Stored<T> | undefined;
  /** Every field that this manager wants, and no other; neither status nor resourceVersion. */
  readonly desired: KubeObject;
  readonly fieldManager: string;
  /** Name of the annotation that keeps the hash of what was applied last. */
  readonly hashAnnotation: string;
  readonly signal?: AbortSignal;
}

export interface Applied<T extends KubeObject> {
  readonly result: 'unchanged' | 'created' | 'updated';
  readonly object: Stored<T>;
}

/**
 * Server-side apply, unless the object is already as wanted. It is written when the wish changed (the hash differs; this
 * alone notices fields that are no longer wanted) or when somebody else changed a field that we want (drift).
 * @throws KubeError
 */
export async function applyIfChanged<T extends KubeObject>(request: ApplyRequest<T>): Promise<Applied<T>> {
  const { client, resource, observed, desired, fieldManager, hashAnnotation, signal } = request;
  if (observed !== undefined && !needsApply(observed, desired, hashAnnotation)) {
    return { result: 'unchanged', object: observed };
  }
  const object = await client.apply(resource, withHash(desired, hashAnnotation), { fieldManager, signal });
  // The server answers a write that changes nothing with the version as it was.
  const isSame = object.metadata.resourceVersion === observed?.metadata.resourceVersion;
  return { result: observed === undefined ? 'created' : isSame ? 'unchanged' : 'updated', object };
}

/** Whether `observed` lacks anything that `desired` says. Pure. */
export function needsApply(observed: Stored, desired: KubeObject, hashAnnotation: string): boolean {
  return findDrift(withHash(desired, hashAnnotation), observed) !== undefined;
}

export interface StatusRequest<T extends KubeObject> {
  readonly client: Pick<KubeClient, 'apply'>;
  readonly resource: Resource<T>;
  readonly observed: Stored<T>;
  /** The whole status: what it does not name is removed. */
  readonly status: object;
  readonly fieldManager: string;
  readonly signal?: AbortSignal;
}

/**
 * Writes the status subresource if it differs from the observed one. A compare-and-set on the observed version: a status
 * decided on an older object is refused with KubeError `Conflict`.
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
