import type { TradingStackObject } from '../../api/v1alpha1/trading-stack/trading-stack.ts';
import { tradingStacks } from '../../controllers/caches/stack-caches.ts';
import { isKubeError } from '../../kube/client/kube-error.ts';
import type { Stored } from '../../kube/client/resource.ts';
import { PluginError } from '../call/plugin-error.ts';
import { required } from './attempt.ts';
import type { Cluster } from './cluster.ts';

export type StoredStack = Stored<TradingStackObject>;

/** Reads the stack of that name, or the only one of the namespace. Rejects with PluginError that says where to look. */
export async function readStack(cluster: Cluster, name: string | undefined): Promise<StoredStack> {
  const { client, namespace } = cluster;
  const where = `in namespace ${namespace}`;
  if (name !== undefined) {
    const found = await required(
      { verb: 'get', what: `tradingstack ${name}`, where },
      client.find(tradingStacks, { namespace, name }),
    );
    if (found === undefined) throw await stackNotFound(cluster, name);
    return found;
  }
  const { items } = await required(
    { verb: 'list', what: 'tradingstacks', where },
    client.list(tradingStacks, { namespace }).catch(withoutKind),
  );
  const [first, ...others] = items;
  if (first === undefined) throw await notFound(cluster, `there is no TradingStack ${where}`);
  if (others.length === 0) return first;
  const names = items.map(({ metadata }) => metadata.name).join(', ');
  throw new PluginError('Usage', `namespace ${namespace} has several stacks: name one of ${names}`);
}

/** Returns the name of a stack without reading it, where it is given: a halt needs no right to read. */
export async function stackName(cluster: Cluster, name: string | undefined): Promise<string> {
  return name ?? (await readStack(cluster, undefined)).metadata.name;
}

/** A request must not wait for its reason. */
const REASON_MS = 500;

/** Returns the reason of what a stack requests already; empty if it cannot be read soon. Never rejects. */
export async function presentReason(
  { client, namespace }: Cluster,
  name: string,
  reasonOf: (stack: StoredStack) => string,
): Promise<string> {
  try {
    return reasonOf(await client.get(tradingStacks, { namespace, name }, { deadlineMs: REASON_MS }));
  } catch {
    return '';
  }
}

/** Why a named stack is not found: the stacks that exist, or that the cluster has none of the kind. */
export async function stackNotFound(cluster: Cluster, name: string): Promise<PluginError> {
  return await notFound(cluster, `there is no TradingStack ${name} in namespace ${cluster.namespace}`);
}

/** A list of a kind that exists is empty, and never not found. */
function withoutKind(error: unknown): never {
  if (isKubeError(error, 'NotFound')) throw new PluginError('NotFound', NO_CRD, { cause: error });
  throw error;
}

const NO_CRD = 'this cluster has no CRD of TradingStack: install the operator, or choose another --context';

async function notFound({ client }: Cluster, problem: string): Promise<PluginError> {
  try {
    const { items } = await client.list(tradingStacks, { deadlineMs: 3_000 }).catch(withoutKind);
    const places = items.map(({ metadata }) => `-n ${metadata.namespace ?? ''} ${metadata.name}`);
    const remedy = places.length === 0 ? 'there is none in the cluster' : `there is ${places.slice(0, 5).join(', ')}`;
    return new PluginError('NotFound', `${problem}; ${remedy}`);
  } catch (error) {
    return error instanceof PluginError ? error : new PluginError('NotFound', `${problem}; give its namespace with -n`);
  }
}
