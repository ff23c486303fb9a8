import { readSwitches } from '../../api/v1alpha1/trading-stack/switches.ts';
import { managersOf } from '../../controllers/trading-stack/observe/field-managers.ts';
import { tradingStacks } from '../../controllers/caches/stack-caches.ts';
import { FLATTEN_REASON_ANNOTATION } from '../../api/v1alpha1/labels.ts';
import { flattenReasonOf } from '../../controllers/trading-stack/observe/flatten-reason.ts';
import { attempt } from './attempt.ts';
import { FIELD_MANAGER, type Cluster } from './cluster.ts';
import { patchStack } from './patch-stack.ts';
import type { StoredStack } from './read-stack.ts';

/**
 * Sets spec.flatten with a reason, without reading first. It waits under a halt and follows its lift at once: no order
 * is sent in between. The API server records no owner for a patch that changes nothing, and what only a tool owns, the
 * tool withdraws. Where a manifest has set the field already, it is therefore applied too: an apply always records its
 * owner. The field is never false meanwhile, which would end the sale. Returns why the owner could not be recorded;
 * undefined if it is. Rejects with PluginError if nothing is requested.
 */
export async function requestFlatten(cluster: Cluster, name: string, reason: string): Promise<string | undefined> {
  const metadata = { annotations: { [FLATTEN_REASON_ANNOTATION]: reason } };
  const spec = { flatten: true };
  const stack = await patchStack(cluster, name, { metadata, spec });
  if (flattenOwners(stack).includes(FIELD_MANAGER)) return undefined;
  const { client, namespace } = cluster;
  // With the uid, so that no stack is made of this one field where it was deleted meanwhile.
  const applied = { metadata: { ...metadata, namespace, name, uid: stack.metadata.uid }, spec };
  const recorded = await attempt(
    { verb: 'patch', what: `tradingstack ${name}`, where: `in namespace ${namespace}` },
    client.apply(tradingStacks, applied, { fieldManager: FIELD_MANAGER }),
  );
  return recorded.known ? undefined : recorded.why;
}

/** The reason of a sale that the field requests already; empty if there is none. */
export function saleReason({ metadata, spec }: StoredStack): string {
  return readSwitches(spec).flatten === 'Active' ? '' : flattenReasonOf(metadata);
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
