import { managersOf } from '../../controllers/trading-stack/observe/field-managers.ts';
import { tradingStacks } from '../../controllers/caches/stack-caches.ts';
import { FLATTEN_REASON_ANNOTATION } from '../../api/v1alpha1/labels.ts';
import { FIELD_MANAGER, type Cluster } from './cluster.ts';
import { forStack, patchStack } from './patch-stack.ts';
import type { StoredStack } from './read-stack.ts';

/**
 * Sets spec.flatten with a reason, without reading first. It waits under a halt and follows its lift at once: no order
 * is sent in between. The API server records no owner for a patch that changes nothing, and what only a tool owns, the
 * tool withdraws. Where a manifest has set the field already, it is therefore applied too: an apply always records its
 * owner. The field is never false meanwhile, which would end the sale.
 */
export async function requestFlatten(cluster: Cluster, name: string, reason: string): Promise<void> {
  const metadata = { annotations: { [FLATTEN_REASON_ANNOTATION]: reason } };
  const spec = { flatten: true };
  const stack = await patchStack(cluster, name, { metadata, spec });
  if (flattenOwners(stack).includes(FIELD_MANAGER)) return;
  const { client, namespace } = cluster;
  // With the uid, so that no stack is made of this one field where it was deleted meanwhile.
  const applied = { metadata: { ...metadata, namespace, name, uid: stack.metadata.uid }, spec };
  await forStack(cluster, name, client.apply(tradingStacks, applied, { fieldManager: FIELD_MANAGER }));
}

/** Sets spec.flatten to false, which lifts what it requested. The reason goes with it. */
export async function withdrawFlatten(cluster: Cluster, name: string): Promise<void> {
  const metadata = { annotations: { [FLATTEN_REASON_ANNOTATION]: null } };
  await patchStack(cluster, name, { metadata, spec: { flatten: false } });
}

/** The field managers that set spec.flatten to what it is. */
export function flattenOwners({ metadata }: StoredStack): readonly string[] {
  return managersOf(metadata.managedFields, ['spec', 'flatten']).map(({ name }) => name);
}
