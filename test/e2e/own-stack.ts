import type { Cluster } from '../cluster/cluster.ts';
import { clusterPaths } from '../cluster/cluster-paths.ts';
import { readConfig } from '../cluster/config.ts';
import { consoleProgress } from '../cluster/ensure-cluster.ts';
import { kubePrograms } from '../cluster/kube-programs.ts';
import { installPlatform } from '../cluster/stack/install-stack.ts';
import { sampleStack } from '../fixtures/sample-stack.ts';
import type { Halting } from './halt/trading-state.ts';
import type { Kubectl } from './kubectl.ts';
import { kubectlOf, untilRunning } from './place.ts';
import { until } from './until.ts';

export interface OwnStackOptions {
  readonly cluster: Cluster;
  readonly image: string;
  readonly namespace: string;
  /** Merged into the spec of the sample. */
  readonly change: Readonly<Record<string, unknown>>;
}

/** Starts a stack in a namespace of its own, with a venue that tests can break. Resolves when it runs. */
export async function startOwnStack({ cluster, image, namespace, change }: OwnStackOptions): Promise<Halting> {
  const progress = consoleProgress(clusterPaths(readConfig().cacheDirectory));
  await installPlatform({ cluster, kube: kubePrograms(cluster), progress, namespace });
  const { kubectl } = kubectlOf(cluster);
  const name = 'own';
  await kubectl.apply(sampleStack({ name, namespace, image, change }));
  return { kubectl, place: await untilRunning(kubectl, { namespace, name }) };
}

/** Deletes a namespace with everything in it, and waits until it is deleted. */
export async function deleteNamespace(kubectl: Kubectl, namespace: string): Promise<void> {
  await kubectl.run('delete', 'namespace', namespace, '--wait=false', '--ignore-not-found');
  // The namespace controller writes until then, and other files would count that as writes of the operator.
  await until('the namespace to be deleted', async () =>
    (await kubectl.run('get', 'namespace', namespace, '--ignore-not-found', '-o', 'name')) === '' ? true : undefined,
  );
}
