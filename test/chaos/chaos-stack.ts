import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { buildImage } from '../cluster/image/build-image.ts';
import { clusterPaths } from '../cluster/cluster-paths.ts';
import { readConfig } from '../cluster/config.ts';
import { consoleProgress, withCluster } from '../cluster/ensure-cluster.ts';
import { kubePrograms } from '../cluster/kube-programs.ts';
import { installCharts } from '../cluster/stack/install-stack.ts';
import { removeNamespaces } from '../cluster/stack/remove-namespaces.ts';
import { kubectlOf, untilRunning } from '../e2e/place.ts';
import { sampleStack } from '../fixtures/sample-stack.ts';
import { BRISK } from './brisk-spec.ts';
import type { ChaosStack } from './faults/fault.ts';
import { DELETED_NAMESPACE } from './faults/swap/delete-stack.ts';

export const NAMESPACE = 'tradingstack-chaos';
const NAME = 'chaos';

/** After an interrupt, `work` has this long to undo what it does. */
const UNDO_WITHIN_MS = 15_000;

/**
 * Calls `work` with a stack of this checkout that trades in a namespace of its own, on a cluster that it finds or
 * starts. It deletes what an earlier run left, and the namespace in the end, also when `stop` ends the run early; the
 * cluster stays.
 */
export async function withChaosStack(stop: AbortSignal, work: (stack: ChaosStack) => Promise<void>): Promise<void> {
  const paths = clusterPaths(readConfig().cacheDirectory);
  const progress = consoleProgress(paths);
  let remove = async (): Promise<void> => {};
  const trade = async (): Promise<void> => {
    const { cluster, image } = await withCluster({ progress }, async (found) => {
      const built = await buildImage({ cluster: found, paths, progress });
      const kube = kubePrograms(found);
      remove = async () => await removeNamespaces(kube, [NAMESPACE, DELETED_NAMESPACE]);
      await progress.step('delete the namespaces of an earlier run', remove);
      await installCharts({ cluster: found, kube, image: built, progress, namespace: NAMESPACE });
      return { cluster: found, image: built };
    });
    const { kubectl } = kubectlOf(cluster);
    await kubectl.apply(stackOf(image.reference));
    const place = await progress.step('stack chaos', () => untilRunning(kubectl, { namespace: NAMESPACE, name: NAME }));
    await work({ cluster, kubectl, place, operatorNamespace: 'tradingstack-system' });
  };
  try {
    const trading = trade();
    await Promise.race([trading, untilStopped(stop)]);
    if (stop.aborted) await Promise.race([trading.catch(() => {}), delay(UNDO_WITHIN_MS)]);
  } finally {
    await progress.step(`delete the namespace ${NAMESPACE}`, remove);
  }
}

async function untilStopped(stop: AbortSignal): Promise<void> {
  if (!stop.aborted) await once(stop, 'abort');
}

function stackOf(image: string): object {
  return sampleStack({ name: NAME, namespace: NAMESPACE, image, change: BRISK });
}
