import type { TestProject } from 'vitest/node';
import { buildImage } from '../cluster/image/build-image.ts';
import { clusterPaths } from '../cluster/cluster-paths.ts';
import { readConfig } from '../cluster/config.ts';
import { consoleProgress, withCluster } from '../cluster/ensure-cluster.ts';
import { kubePrograms } from '../cluster/kube-programs.ts';
import { installCharts } from '../cluster/stack/install-stack.ts';
import { removeNamespaces } from '../cluster/stack/remove-namespaces.ts';
import { sampleStack } from '../fixtures/sample-stack.ts';
import { kubectlOf, untilRunning } from './place.ts';

const NAMESPACE = 'tradingstack-e2e';
const STRANGERS = 'tradingstack-e2e-strangers';
const OWN = [
  NAMESPACE,
  STRANGERS,
  'tradingstack-e2e-lifetime',
  'tradingstack-e2e-getting-out',
  'tradingstack-e2e-broken-releases',
  'tradingstack-e2e-swap',
];
const NAME = 'e2e';

/**
 * Sets up one stack on the cluster for all files of the run: the image of this checkout, both charts, and a tape at 600
 * times its original speed, for many trades. It deletes what an earlier run left. The returned function deletes
 * everything that the run created; the cluster stays.
 */
export default async function environment(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const run = project.vitest.getRootProject();
  // Each project of the run calls this; the first one brings the stack up for all.
  if (run.getProvidedContext().e2e !== undefined) return undefined;
  const paths = clusterPaths(readConfig().cacheDirectory);
  const progress = consoleProgress(paths);
  const { cluster, image } = await withCluster({ progress }, async (found) => {
    const built = await buildImage({ cluster: found, paths, progress });
    const kube = kubePrograms(found);
    await progress.step('delete the namespaces of earlier runs', () => removeNamespaces(kube, OWN));
    await installCharts({ cluster: found, kube, image: built, progress, namespace: NAMESPACE });
    return { cluster: found, image: built };
  });
  const { kubectl, kubectlOptions } = kubectlOf(cluster);
  await kubectl.apply(namespaceOf(STRANGERS));
  await kubectl.apply(stackOf(image.reference));
  const phases: string[] = [];
  const place = await progress.step(
    'stack e2e',
    async () =>
      await untilRunning(kubectl, { namespace: NAMESPACE, name: NAME }, (line) => {
        phases.push(line);
        progress.say(`  ${line}`);
      }),
  );
  run.provide('e2e', {
    cluster,
    kubectlOptions,
    image: image.reference,
    place,
    operatorNamespace: 'tradingstack-system',
    strangerNamespace: STRANGERS,
    phases,
  });
  return async () => {
    await kubectl.run(
      '-n',
      NAMESPACE,
      'delete',
      'tradingstack',
      NAME,
      '--ignore-not-found',
      '--timeout=25s',
      '--wait=false',
    );
    await removeNamespaces(kubePrograms(cluster), OWN);
  };
}

function stackOf(image: string): object {
  const change = {
    venue: { tape: { speed: 600 } },
    rollout: { soakSeconds: 1, tierDeadlineSeconds: 240 },
    execution: { swap: { postSwitchSoakSeconds: 5 } },
    risk: { maxFeedAgeMs: 5_000, entryValidMs: 5_000, orderDeadlineMs: 10_000 },
  };
  return sampleStack({ name: NAME, namespace: NAMESPACE, image, change });
}

function namespaceOf(name: string): object {
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}
