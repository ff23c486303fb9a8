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

/** What was killed: `untilBack` knows its successor by the container's other id. */
export interface Victim {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

/**
 * Kills the first process of the last pod that `selector` names, or of the one called `pod`, with SIGKILL, as the
 * kernel's out-of-memory killer would: no grace, no hook; the kubelet starts the container again. For the local
 * clusters only, whose nodes this machine reaches. Throws while no such process runs.
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

/** Waits until another container than the one that was killed runs in its pod and is ready. */
export async function untilBack(kubectl: Kubectl, { namespace, pod, container }: Victim): Promise<void> {
  await until(`${pod} to be back`, async () => {
    const { status } = await kubectl.json<PodView>('-n', namespace, 'get', 'pod', pod);
    const [now] = status.containerStatuses ?? [];
    return now?.ready === true && now.containerID?.endsWith(container) === false ? true : undefined;
  });
}

function embeddedRun(): string {
  return `${clusterPaths(readConfig().cacheDirectory).state}/run`;
}

function pidFile(run: string, container: string): string {
  return `${run}/io.containerd.runtime.v2.task/k8s.io/${container}/init.pid`;
}
