import { readFileSync } from 'node:fs';
import type { KubeClient } from '../../../../operator/kube/client/client.ts';
import { buildImage } from '../../../cluster/image/build-image.ts';
import { clusterPaths, type ClusterPaths } from '../../../cluster/cluster-paths.ts';
import type { Cluster } from '../../../cluster/cluster.ts';
import { readConfig } from '../../../cluster/config.ts';
import { consoleProgress, withCluster } from '../../../cluster/ensure-cluster.ts';
import { kubePrograms } from '../../../cluster/kube-programs.ts';
import type { Progress } from '../../../cluster/process/step.ts';
import { installCharts, installPlatform } from '../../../cluster/stack/install-stack.ts';
import { removeNamespaces } from '../../../cluster/stack/remove-namespaces.ts';
import type { Kubectl } from '../../../e2e/kubectl.ts';
import { kubectlOf } from '../../../e2e/place.ts';
import { clientOf } from '../../halt/trading-system.ts';

export const NAMESPACE = 'bench-swap';

/** A cluster with the image of this checkout, and a namespace with Redis and Postgres. */
export interface BenchCluster {
  readonly cluster: Cluster;
  readonly paths: ClusterPaths;
  readonly progress: Progress;
  readonly kubectl: Kubectl;
  readonly client: KubeClient;
  readonly image: string;
}

export interface BenchClusterOptions {
  /** Leaves the operator of the cluster as it is, instead of installing that of this checkout. */
  readonly keepOperator: boolean;
}

/** Calls `work` with a cluster that it finds or starts. Deletes the namespace before and after; the cluster stays. */
export async function withBenchCluster<T>(
  { keepOperator }: BenchClusterOptions,
  work: (bench: BenchCluster) => Promise<T>,
): Promise<T> {
  const paths = clusterPaths(readConfig().cacheDirectory);
  const progress = consoleProgress(paths);
  const { cluster, image } = await withCluster({ progress }, async (found) => {
    const built = await buildImage({ cluster: found, paths, progress });
    const kube = kubePrograms(found);
    const options = { cluster: found, kube, image: built, progress, namespace: NAMESPACE };
    await progress.step(`delete the namespace ${NAMESPACE}`, async () => await removeNamespaces(kube, [NAMESPACE]));
    await (keepOperator ? installPlatform(options) : installCharts(options));
    return { cluster: found, image: built.reference };
  });
  const client = clientOf(readFileSync(cluster.kubeconfig, 'utf8'));
  try {
    return await work({ cluster, paths, progress, kubectl: kubectlOf(cluster).kubectl, client, image });
  } finally {
    await client.close();
    const remove = async (): Promise<void> => await removeNamespaces(kubePrograms(cluster), [NAMESPACE]);
    await progress.step(`delete the namespace ${NAMESPACE}`, remove);
  }
}
