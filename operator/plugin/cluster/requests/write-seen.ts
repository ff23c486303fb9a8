import { tradingStacks } from '../../../controllers/caches/stack-caches.ts';
import { isKubeError } from '../../../kube/client/kube-error.ts';
import { PluginError } from '../../call/plugin-error.ts';
import { required } from '../attempt.ts';
import type { Cluster } from '../cluster.ts';
import type { StoredStack } from '../read-stack.ts';

const ATTEMPTS = 20;

export interface SeenWrite {
  /** Rejects with PluginError, whose cause is a Conflict if the stack has another version. */
  readonly write: (resourceVersion: string) => Promise<StoredStack>;
  /** Whether what matters is still as it was seen. */
  readonly isSame: (stack: StoredStack) => boolean;
  /** What somebody changed, and what that means. */
  readonly problemOf: (stack: StoredStack) => string;
}

/**
 * Writes only while a stack is as it was seen. The operator writes the status at any time, which changes the version
 * too: then it is read and written again. Rejects with PluginError, without a cause if somebody else changed the stack.
 */
export async function writeSeen(
  { client, namespace }: Cluster,
  seen: StoredStack,
  { write, isSame, problemOf }: SeenWrite,
): Promise<StoredStack> {
  const { name } = seen.metadata;
  let stack = seen;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    try {
      return await write(stack.metadata.resourceVersion);
    } catch (error) {
      if (!(error instanceof PluginError) || !isKubeError(error.cause, 'Conflict')) throw error;
    }
    stack = await required(
      { verb: 'get', what: `tradingstack ${name}`, where: `in namespace ${namespace}` },
      client.get(tradingStacks, { namespace, name }),
    );
    if (!isSame(stack)) throw new PluginError('Unavailable', `${problemOf(stack)}. Look at it, and repeat the command`);
  }
  throw new PluginError('Unavailable', `the stack ${name} changed ${ATTEMPTS} times meanwhile; repeat the command`);
}
