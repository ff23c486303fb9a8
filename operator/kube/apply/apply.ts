import { createHash } from 'node:crypto';
import { canonicalJson } from '../../../services/shared/domain/canonical-json.ts';
import type { KubeClient } from '../client/client.ts';
import { KubeError } from '../client/kube-error.ts';
import type { Contention, Drift } from './contention.ts';
import { applyTo, correct, type WriteRequest } from './correct.ts';
import { findDrift } from './drift.ts';
import { addedFields, type AddedField } from './added-fields.ts';
import { ownersOf, writersOf } from './managed-fields.ts';
import { refOf, type KubeObject, type Stored } from '../client/resource.ts';

export interface ApplyRequest<T extends KubeObject> extends WriteRequest<T> {
  readonly client: WriteRequest<T>['client'] & Pick<KubeClient, 'list'>;
  /** The object in the cache; undefined if the cache has none of this name, or does not select it. */
  readonly observed: Stored<T> | undefined;
  /** Exactly the fields that this manager sets, without status and resourceVersion. */
  readonly desired: KubeObject;
  /** Name of the annotation that stores the hash of the last applied object. */
  readonly hashAnnotation: string;
  /** Limits repairs of what others change repeatedly. Default: every drift is repaired at once. */
  readonly contention?: { readonly memory: Contention; readonly key: string };
}

export interface Applied<T extends KubeObject> {
  /**
   * `repaired`: the object was as applied last, and others had changed it. `contested`: they do so repeatedly, and it
   * is left as it is for now, or the repair had no effect, as with an admission policy that changes the object.
   */
  readonly result: 'unchanged' | 'created' | 'updated' | 'repaired' | 'contested';
  readonly object: Stored<T>;
  /** What others had changed. */
  readonly drift?: Drift;
  /** Whether the object is contested from now on. */
  readonly becameContested?: boolean;
}

/**
 * Applies the object server-side unless it already matches. Writes when the desired object changed (the hash differs;
 * only the hash detects fields that are no longer desired) or when another manager changed a field that we set, or
 * added one where nobody else may (drift). An object of the same name that this manager never applied is left alone.
 * @throws KubeError, `AlreadyExists` for such an object.
 */
export async function applyIfChanged<T extends KubeObject>(request: ApplyRequest<T>): Promise<Applied<T>> {
  const { observed, hashAnnotation } = request;
  const desired = withHash(request.desired, hashAnnotation);
  await refuseForeign(request);
  if (observed === undefined) return { result: 'created', object: await applyTo(request, desired) };
  const added = addedTo(desired, observed, request);
  const path = findDrift(desired, observed) ?? added[0]?.path;
  if (path === undefined) return { result: 'unchanged', object: observed };
  const last = hashOf(observed, hashAnnotation);
  // Whoever has taken the hash off has changed the object.
  const isRepair = last === undefined || last === hashOf(desired, hashAnnotation);
  const drift = { path, managers: managersOf(path, { observed, added, own: request.fieldManager }) };
  if (isRepair && waitMs(request, observed) > 0) return { result: 'contested', object: observed, drift };
  const object = await correct(request, { desired, observed, added, isRepair });
  if (isRepair) return repaired(request, { object, drift, desired });
  // A write that changes nothing leaves the resourceVersion unchanged.
  const isSame = object.metadata.resourceVersion === observed.metadata.resourceVersion;
  return { result: isSame ? 'unchanged' : 'updated', object };
}

/**
 * An apply takes over whatever has the name. A cache selects by label, or by name alone: neither that it has the object
 * nor that it has not says who made it.
 */
async function refuseForeign<T extends KubeObject>(request: ApplyRequest<T>): Promise<void> {
  const { client, resource, observed, desired, fieldManager, hashAnnotation, signal } = request;
  if (observed !== undefined && hashOf(observed, hashAnnotation) !== undefined) return;
  const { namespace, name } = refOf(desired);
  const { items } = await client.list(resource, { namespace, fieldSelector: `metadata.name=${name}`, signal });
  const [existing] = items;
  if (existing === undefined) return;
  const managers = writersOf(existing.metadata.managedFields).map(({ manager }) => String(manager));
  if (managers.includes(fieldManager)) return;
  const makers = [...new Set(managers)].join(', ') || 'an unknown manager';
  throw new KubeError(
    'AlreadyExists',
    `${resource.kind} ${name} was made by ${makers}, not by ${fieldManager}: it is left as it is; delete or rename it`,
  );
}

function addedTo(
  desired: KubeObject,
  observed: Stored,
  { fieldManager, exclusive }: Pick<ApplyRequest<KubeObject>, 'fieldManager' | 'exclusive'>,
): readonly AddedField[] {
  if (exclusive === undefined) return [];
  return addedFields({ desired, observed, own: fieldManager }, exclusive);
}

interface Changed {
  readonly observed: Stored;
  readonly added: readonly AddedField[];
  readonly own: string;
}

function managersOf(path: readonly string[], { observed, added, own }: Changed): readonly string[] {
  const owners = ownersOf(observed.metadata.managedFields, path).map(({ manager }) => manager);
  const names = [...owners, ...added.map(({ manager }) => manager)];
  return [...new Set(names)].filter((name) => typeof name === 'string').filter((name) => name !== own);
}

function waitMs(
  { contention, resource }: Pick<ApplyRequest<KubeObject>, 'contention' | 'resource'>,
  observed: Stored,
): number {
  const object = { kind: resource.kind, name: observed.metadata.name };
  return contention?.memory.waitMs(contention.key, object) ?? 0;
}

interface Repair<T extends KubeObject> {
  readonly object: Stored<T>;
  readonly drift: Drift;
  readonly desired: KubeObject;
}

function repaired<T extends KubeObject>(request: ApplyRequest<T>, { object, drift, desired }: Repair<T>): Applied<T> {
  const { contention, resource } = request;
  const named = { kind: resource.kind, name: object.metadata.name };
  const becameContested = contention?.memory.repaired(contention.key, named, drift) ?? false;
  const isRepaired = findDrift(desired, object) === undefined && addedTo(desired, object, request).length === 0;
  return { result: isRepaired ? 'repaired' : 'contested', object, drift, becameContested };
}

function withHash(desired: KubeObject, hashAnnotation: string): KubeObject {
  const hash = createHash('sha256').update(canonicalJson(desired)).digest('hex').slice(0, 32);
  const annotations = { ...desired.metadata?.annotations, [hashAnnotation]: hash };
  return { ...desired, metadata: { ...desired.metadata, annotations } };
}

function hashOf({ metadata }: KubeObject, hashAnnotation: string): string | undefined {
  return metadata?.annotations?.[hashAnnotation];
}
