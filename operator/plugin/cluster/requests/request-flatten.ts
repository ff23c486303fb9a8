import { readSwitches } from '../../../api/v1alpha1/trading-stack/switches.ts';
import { managersOf } from '../../../controllers/trading-stack/observe/field-managers.ts';
import { tradingStacks } from '../../../controllers/caches/stack-caches.ts';
import { FLATTEN_REASON_ANNOTATION, FLATTEN_REQUEST_ANNOTATION } from '../../../api/v1alpha1/labels.ts';
import { flattenReasonOf } from '../../../controllers/trading-stack/observe/flatten-reason.ts';
import { PluginError } from '../../call/plugin-error.ts';
import { required } from '../attempt.ts';
import { FIELD_MANAGER, type Cluster } from '../cluster.ts';
import { patchStack } from '../patch-stack.ts';
import type { StoredStack } from '../read-stack.ts';
import { writeSeen, type SeenWrite } from './write-seen.ts';

/**
 * Sets spec.flatten with a reason, without reading first. It waits under a halt and follows its lift at once: no order
 * is sent in between. Returns why it could not be recorded that a person asked; undefined if it is. Rejects with
 * PluginError if nothing is requested, or if somebody changed the spec before that was recorded.
 */
export async function requestFlatten(cluster: Cluster, name: string, reason: string): Promise<string | undefined> {
  return await setFlatten(cluster, name, { flatten: true, reason });
}

/** Requests the sale on record where spec.flatten is false, only while the spec is as it was read. */
export async function showFlatten(cluster: Cluster, seen: StoredStack, reason: string): Promise<void> {
  const { name } = seen.metadata;
  await whileSpecIs(cluster, seen, async (resourceVersion) => {
    const metadata = { annotations: { [FLATTEN_REASON_ANNOTATION]: reason }, resourceVersion };
    return await patchStack(cluster, name, { metadata, spec: { flatten: true } });
  });
}

/** Sets spec.flatten to false, which lifts what it requested. The reason goes with it. Answers as `requestFlatten`. */
export async function withdrawFlatten(cluster: Cluster, name: string): Promise<string | undefined> {
  return await setFlatten(cluster, name, { flatten: false, reason: null });
}

interface FlattenRequest {
  readonly flatten: boolean;
  readonly reason: string | null;
}

/**
 * The API server records no owner for a value that does not change, and what only a tool owns, the tool sets again.
 * Where the field has the value already, it is therefore applied too. An apply always records its owner, but the time
 * only if something changes: hence the ID. The field is never anything else meanwhile.
 */
async function setFlatten(
  cluster: Cluster,
  name: string,
  { flatten, reason }: FlattenRequest,
): Promise<string | undefined> {
  const annotations = { [FLATTEN_REASON_ANNOTATION]: reason, ...newRequest() };
  const stack = await patchStack(cluster, name, { metadata: { annotations }, spec: { flatten } });
  if (flattenOwners(stack).includes(FIELD_MANAGER)) return undefined;
  const { client, namespace } = cluster;
  const given = reason === null ? newRequest() : { ...newRequest(), [FLATTEN_REASON_ANNOTATION]: reason };
  // With the uid, so that no stack is made of this one field where it was deleted meanwhile.
  const metadata = { annotations: given, namespace, name, uid: stack.metadata.uid };
  try {
    await whileSpecIs(cluster, stack, async (resourceVersion) => {
      const applied = { metadata: { ...metadata, resourceVersion }, spec: { flatten } };
      return await required(
        { verb: 'patch', what: `tradingstack ${name}`, where: `in namespace ${namespace}` },
        client.apply(tradingStacks, applied, { fieldManager: FIELD_MANAGER }),
      );
    });
    return undefined;
  } catch (error) {
    if (error instanceof PluginError && error.cause !== undefined) return error.message;
    throw error;
  }
}

function newRequest() {
  return { [FLATTEN_REQUEST_ANNOTATION]: crypto.randomUUID() };
}

/** Only a change of the spec makes another generation. */
async function whileSpecIs(cluster: Cluster, seen: StoredStack, write: SeenWrite['write']): Promise<void> {
  const { name, generation } = seen.metadata;
  await writeSeen(cluster, seen, {
    write,
    isSame: ({ metadata }) => metadata.generation === generation,
    problemOf: ({ spec }) => {
      const state = readSwitches(spec).flatten === 'Active' ? 'false' : 'true';
      return `somebody changed the spec of ${name} meanwhile: spec.flatten is ${state}`;
    },
  });
}

/** The reason of a sale that the field requests already; empty if there is none. */
export function saleReason({ metadata, spec }: StoredStack): string {
  return readSwitches(spec).flatten === 'Active' ? '' : flattenReasonOf(metadata);
}

/** The field managers that set spec.flatten to what it is. */
export function flattenOwners({ metadata }: StoredStack): readonly string[] {
  return managersOf(metadata.managedFields, ['spec', 'flatten']).map(({ name }) => name);
}
