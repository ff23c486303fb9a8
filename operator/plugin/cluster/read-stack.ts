import type { TradingStackObject } from '../../api/v1alpha1/trading-stack/trading-stack.ts';
import { tradingStacks } from '../../controllers/caches/stack-caches.ts';
import type { Stored } from '../../kube/client/resource.ts';
import { PluginError } from '../call/plugin-error.ts';
import { attempt, required } from './attempt.ts';
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
    if (found === undefined) throw await notFound(cluster, `there is no TradingStack ${name} ${where}`);
    return found;
  }
  const { items } = await required(
    { verb: 'list', what: 'tradingstacks', where },
    client.list(tradingStacks, { namespace }),
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

async function notFound({ client }: Cluster, problem: string): Promise<PluginError> {
  const all = await attempt(
    { verb: 'list', what: 'tradingstacks', where: 'in all namespaces' },
    client.list(tradingStacks, { deadlineMs: 3_000 }),
  );
  if (!all.known) return new PluginError('NotFound', `${problem}; give its namespace with -n`);
  const places = all.value.items.map(({ metadata }) => `-n ${metadata.namespace ?? ''} ${metadata.name}`);
  const remedy = places.length === 0 ? 'there is none in the cluster' : `there is ${places.slice(0, 5).join(', ')}`;
  return new PluginError('NotFound', `${problem}; ${remedy}`);
}
