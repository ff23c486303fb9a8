import { tradingStacks } from '../../controllers/caches/stack-caches.ts';
import { PluginError } from '../call/plugin-error.ts';
import { required } from './attempt.ts';
import { FIELD_MANAGER, type Cluster } from './cluster.ts';
import { stackNotFound, type StoredStack } from './read-stack.ts';

/** Merges a patch into a stack, as this program. Rejects with PluginError, which names the stacks that exist. */
export async function patchStack(cluster: Cluster, name: string, patch: object): Promise<StoredStack> {
  const { client, namespace } = cluster;
  return await forStack(
    cluster,
    name,
    client.mergePatch(tradingStacks, { namespace, name }, patch, { fieldManager: FIELD_MANAGER }),
  );
}

/** Awaits a write to a stack. Rejects with PluginError, which names the stacks that exist. */
export async function forStack<T>(cluster: Cluster, name: string, write: Promise<T>): Promise<T> {
  try {
    return await required(
      { verb: 'patch', what: `tradingstack ${name}`, where: `in namespace ${cluster.namespace}` },
      write,
    );
  } catch (error) {
    throw error instanceof PluginError && error.code === 'NotFound' ? await stackNotFound(cluster, name) : error;
  }
}
