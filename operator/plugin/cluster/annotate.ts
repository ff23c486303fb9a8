import { tradingStacks } from '../../controllers/caches/stack-caches.ts';
import { required } from './attempt.ts';
import { FIELD_MANAGER, type Cluster } from './cluster.ts';
import type { StoredStack } from './read-stack.ts';

/** Sets one annotation of a stack. Rejects with PluginError. */
export async function annotate(
  { client, namespace }: Cluster,
  { metadata: { name } }: StoredStack,
  [annotation, value]: readonly [annotation: string, value: string],
): Promise<void> {
  const patch = { metadata: { annotations: { [annotation]: value } } };
  await required(
    { verb: 'patch', what: `tradingstack ${name}`, where: `in namespace ${namespace}` },
    client.mergePatch(tradingStacks, { namespace, name }, patch, { fieldManager: FIELD_MANAGER }),
  );
}
