import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Cluster } from '../cluster/cluster.ts';
import { clusterPaths } from '../cluster/cluster-paths.ts';
import { readConfig } from '../cluster/config.ts';
import type { Kubectl } from './kubectl.ts';

interface PodView {
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly spec: { readonly nodeName: string };
  readonly status: { readonly containerStatuses?: readonly { readonly containerID?: string }[] };
}

/**
 * Kills the first process of the last pod that `selector` names, or of the one called `pod`, with SIGKILL, as the kernel's out-of-memory killer would: no grace, no hook; the kubelet
 * starts the container again. On a cluster whose node this machine cannot reach the pod is deleted without grace instead.
 * Throws while no such process runs. Returns the pod's name.
 */
export async function killContainer(
  kubectl: Kubectl,
  cluster: Cluster,
  {
    namespace,
    selector,
    pod: wanted,
  }: { readonly namespace: string; readonly selector: string; readonly pod?: string },
): Promise<string> {
  const pods = await kubectl.json<{ items: readonly PodView[] }>('-n', namespace, 'get', 'pods', '-l', selector);
  const pod = pods.items.findLast(({ metadata }) => wanted === undefined || metadata.name === wanted);
  const container = pod?.status.containerStatuses?.[0]?.containerID?.replace('containerd://', '');
  if (pod === undefined || container === undefined) throw new Error(`no running pod for ${selector} in ${namespace}`);
  if (cluster.kind === 'embedded')
    process.kill(Number(readFileSync(pidFile(embeddedRun(), container), 'utf8')), 'SIGKILL');
  else if (cluster.kind === 'kind') {
    const kill = `kill -9 $(cat ${pidFile('/run/containerd', container)})`;
    execFileSync('docker', ['exec', pod.spec.nodeName, 'sh', '-c', kill]);
  } else await kubectl.run('-n', namespace, 'delete', 'pod', pod.metadata.name, '--grace-period=0', '--force');
  return pod.metadata.name;
}

function embeddedRun(): string {
  return `${clusterPaths(readConfig().cacheDirectory).state}/run`;
}

function pidFile(run: string, container: string): string {
  return `${run}/io.containerd.runtime.v2.task/k8s.io/${container}/init.pid`;
}
