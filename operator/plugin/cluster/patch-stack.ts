import { tradingStacks } from '../../controllers/caches/stack-caches.ts';
import { PluginError } from '../call/plugin-error.ts';
import { required } from './attempt.ts';
import { FIELD_MANAGER, type Cluster } from './cluster.ts';
import { stackNotFound, type StoredStack } from './read-stack.ts';

/** Merges a patch into a stack, as this program. Rejects with PluginError, which names the stacks that exist. */
export async function patchStack(cluster: Cluster, name: string, patch: object): Promise<StoredStack> {
  const { client, namespace } = cluster;
  try {
    return await required(
      { verb: 'patch', what: `tradingstack ${name}`, where: `in namespace ${namespace}` },
      client.mergePatch(tradingStacks, { namespace, name }, patch, { fieldManager: FIELD_MANAGER }),
    );
  } catch (error) {
    throw error instanceof PluginError && error.code === 'NotFound' ? await stackNotFound(cluster, name) : error;
  }
}
