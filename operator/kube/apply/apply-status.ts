import { canonicalJson } from '../../../services/shared/domain/canonical-json.ts';
import type { KubeClient } from '../client/client.ts';
import { refOf, type KubeObject, type Resource, type Stored } from '../client/resource.ts';
import type { Applied } from './apply.ts';

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
