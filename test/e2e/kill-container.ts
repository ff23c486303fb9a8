import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Cluster } from '../cluster/cluster.ts';
import { clusterPaths } from '../cluster/cluster-paths.ts';
import { readConfig } from '../cluster/config.ts';
import type { Kubectl } from './kubectl.ts';
import { until } from './until.ts';

interface PodView {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly nodeName: string };
  readonly status: {
    readonly containerStatuses?: readonly { readonly containerID?: string; readonly ready: boolean }[];
  };
}

/** The killed container. `untilBack` recognises its successor by the different container ID. */
export interface Victim {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

/**
 * Kills the first process of the last pod that `selector` matches, or of the pod named `pod`, with SIGKILL, as the
 * kernel's out-of-memory killer would: no grace period, no hook. The kubelet restarts the container. It works only on
 * the local clusters, whose nodes this machine can reach. Throws if no such process runs.
 */
export async function killContainer(
  kubectl: Kubectl,
  cluster: Cluster,
  {
    namespace,
    selector,
    pod: wanted,
  }: { readonly namespace: string; readonly selector: string; readonly pod?: string },
): Promise<Victim> {
  const pods = await kubectl.json<{ items: readonly PodView[] }>('-n', namespace, 'get', 'pods', '-l', selector);
  const pod = pods.items.findLast(({ metadata }) => wanted === undefined || metadata.name === wanted);
  const container = pod?.status.containerStatuses?.[0]?.containerID?.replace('containerd://', '');
  if (pod === undefined || container === undefined) throw new Error(`no running pod for ${selector} in ${namespace}`);
  if (cluster.kind === 'embedded')
    process.kill(Number(readFileSync(pidFile(embeddedRun(), container), 'utf8')), 'SIGKILL');
  else {
    const kill = `kill -9 $(cat ${pidFile('/run/containerd', container)})`;
    execFileSync('docker', ['exec', pod.spec.nodeName, 'sh', '-c', kill]);
  }
  return { namespace, pod: pod.metadata.name, container };
}

/** Waits until a new container runs in the pod of the killed one and is ready. */
export async function untilBack(kubectl: Kubectl, { namespace, pod, container }: Victim): Promise<void> {
  await until(`${pod} to be ready again`, async () => {
    const { status } = await kubectl.json<PodView>('-n', namespace, 'get', 'pod', pod);
    const [current] = status.containerStatuses ?? [];
    return current?.ready === true && current.containerID?.endsWith(container) === false ? true : undefined;
  });
}

function embeddedRun(): string {
  return `${clusterPaths(readConfig().cacheDirectory).state}/run`;
}

function pidFile(run: string, container: string): string {
  return `${run}/io.containerd.runtime.v2.task/k8s.io/${container}/init.pid`;
}
