import type { KubeClient } from '../client/client.ts';
import { isKubeError } from '../client/kube-error.ts';
import type { KubeObject, Resource, Stored } from '../client/resource.ts';
import { fieldAt, type AddedField, type Exclusive } from './added-fields.ts';
import { findDrift } from './drift.ts';
import { isNode } from './managed-fields.ts';

export interface WriteRequest<T extends KubeObject> {
  readonly client: Pick<KubeClient, 'apply' | 'removeFields' | 'replaceField'>;
  readonly resource: Resource<T>;
  readonly fieldManager: string;
  /**
   * Fields to which other managers may add nothing. Default: they may add to every map, and every list of items. Needs
   * `keepsManagedFields` of the resource: only that record distinguishes what others added from defaults of the server.
   */
  readonly exclusive?: Exclusive;
  readonly signal?: AbortSignal;
}

/** How an object differs from what it should be. */
export interface Difference<T extends KubeObject> {
  readonly desired: KubeObject;
  readonly observed: Stored<T>;
  readonly added: readonly AddedField[];
  /** Whether only others have changed the object: the API server has accepted it as desired before. */
  readonly isRepair: boolean;
}

/** Writes an object that differs: removes what others added, and applies unless that was all. */
export async function correct<T extends KubeObject>(
  request: WriteRequest<T>,
  { desired, observed, added, isRepair }: Difference<T>,
): Promise<Stored<T>> {
  let newest = observed;
  try {
    if (added.length > 0) newest = await removeAdded(request, observed, added);
    if (added.length > 0 && findDrift(desired, newest) === undefined) return newest;
    return await applyTo(request, desired);
  } catch (error) {
    if (!isRepair || !isKubeError(error, 'Invalid', 'Forbidden')) throw error;
    const isReplaced = await replaceExclusive(request, { desired, observed: newest });
    if (!isReplaced) throw error;
    return await applyTo(request, desired);
  }
}

export async function applyTo<T extends KubeObject>(
  { client, resource, fieldManager, signal }: WriteRequest<T>,
  desired: KubeObject,
): Promise<Stored<T>> {
  return await client.apply(resource, desired, { fieldManager, signal });
}

async function removeAdded<T extends KubeObject>(
  { client, resource, fieldManager, signal }: WriteRequest<T>,
  observed: Stored<T>,
  added: readonly AddedField[],
): Promise<Stored<T>> {
  const pointers = added.map(({ pointer }) => pointer);
  return await client.removeFields(resource, observed, pointers, { fieldManager, signal });
}

/**
 * Replaces the exclusive fields as a whole, and returns whether the API server accepts that. What others changed and
 * what they added may be valid only together, such as the type of a strategy and its terms, or a policy refuses the one
 * as long as the other is there.
 */
async function replaceExclusive<T extends KubeObject>(
  { client, resource, fieldManager, signal, exclusive }: WriteRequest<T>,
  { desired, observed }: Pick<Difference<T>, 'desired' | 'observed'>,
): Promise<boolean> {
  if (exclusive === undefined) return false;
  const value = fieldAt(withExceptions(desired, observed, exclusive), exclusive.path);
  const field = { pointer: `/${exclusive.path.join('/')}`, value };
  try {
    await client.replaceField(resource, observed, field, { fieldManager, signal });
    return true;
  } catch (error) {
    if (isKubeError(error, 'Invalid', 'Forbidden')) return false;
    throw error;
  }
}

/** Returns the object as desired, but for the fields that others may add. */
function withExceptions(desired: KubeObject, observed: Stored, { except }: Exclusive): KubeObject {
  const copy = structuredClone(desired);
  for (const pointer of except) {
    const path = pointer
      .split('/')
      .slice(1)
      .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
    const parent = fieldAt(copy, path.slice(0, -1));
    const kept = fieldAt(observed, path);
    if (kept !== undefined && isNode(parent)) Object.assign(parent, { [path.at(-1) ?? '']: kept });
  }
  return copy;
}
