import type { Cluster } from './cluster.ts';
import { patchStack } from './patch-stack.ts';
import type { StoredStack } from './read-stack.ts';

/** Sets one annotation of a stack. Rejects with PluginError. */
export async function annotate(
  cluster: Cluster,
  { metadata: { name } }: StoredStack,
  [annotation, value]: readonly [annotation: string, value: string],
): Promise<void> {
  await patchStack(cluster, name, { metadata: { annotations: { [annotation]: value } } });
}
