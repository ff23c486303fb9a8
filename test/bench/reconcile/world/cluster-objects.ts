import { namespaces } from '../../../../operator/kube/client/builtin-resources.ts';
import type { KubeClient } from '../../../../operator/kube/client/client.ts';
import { defineResource, type KubeObject } from '../../../../operator/kube/client/resource.ts';
import { makePlatformSecrets } from '../../../harness/kube/controllers-by-hand.ts';
import { installTradingStackCrd } from '../../../harness/kube/trading-stack-crd.ts';
import { until } from '../../../harness/until.ts';

interface Node extends KubeObject {
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

const core = { group: '', version: 'v1', namespaced: false };
const nodes = defineResource<Node>({ ...core, plural: 'nodes', kind: 'Node' });
const volumes = defineResource<KubeObject>({ ...core, plural: 'persistentvolumes', kind: 'PersistentVolume' });
const storageClasses = defineResource<KubeObject>({
  group: 'storage.k8s.io',
  version: 'v1',
  plural: 'storageclasses',
  kind: 'StorageClass',
  namespaced: false,
});

/** Namespace of the operator, with its lease. */
export const OPERATOR_NAMESPACE = 'tradingstack-system';
const NODES = 3;
/** Each with its own connection of the client. */
const AT_ONCE = 4;

export function namespaceOf(stack: number): string {
  return `stack-${stack}`;
}

/** Creates what a cluster has before its first stack: nodes, volumes, the CRD, and a namespace for each stack. */
export async function prepareCluster(client: KubeClient, stacks: number): Promise<void> {
  await installTradingStackCrd(client);
  await client.create(namespaces, { metadata: { name: OPERATOR_NAMESPACE } });
  for (let index = 0; index < NODES; index += 1) await client.create(nodes, nodeOf(`node-${index}`));
  await client.create(storageClasses, DEFAULT_CLASS);
  const numbers = Array.from({ length: stacks }, (_, index) => index);
  const lane = async (offset: number): Promise<void> => {
    for (const stack of numbers.filter((number) => number % AT_ONCE === offset)) await prepareStack(client, stack);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, (_, offset) => lane(offset)));
  await until(async () => (await client.list(nodes)).items.every(isReady), {
    what: 'the nodes of kwok to be ready',
    withinMs: 60_000,
    everyMs: 200,
  });
}

async function prepareStack(client: KubeClient, stack: number): Promise<void> {
  const namespace = namespaceOf(stack);
  await client.create(namespaces, { metadata: { name: namespace } });
  await makePlatformSecrets(client, namespace);
  await client.create(volumes, volumeOf(stack));
}

function nodeOf(name: string): Node {
  return { metadata: { name, labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux' } } };
}

function isReady({ status }: Node): boolean {
  return status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') === true;
}

/** There is no provisioner: the volumes are created in advance, one for the only claim of each stack. */
const DEFAULT_CLASS = {
  metadata: { name: 'bench', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
  provisioner: 'kubernetes.io/no-provisioner',
  volumeBindingMode: 'Immediate',
};

function volumeOf(stack: number) {
  return {
    metadata: { name: namespaceOf(stack) },
    spec: {
      capacity: { storage: '10Gi' },
      accessModes: ['ReadWriteOnce'],
      storageClassName: DEFAULT_CLASS.metadata.name,
      // Of a node that does not exist.
      hostPath: { path: '/nonexistent' },
    },
  };
}
