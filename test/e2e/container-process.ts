import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Cluster } from '../cluster/cluster.ts';
import { clusterPaths } from '../cluster/cluster-paths.ts';
import { readConfig } from '../cluster/config.ts';
import type { Kubectl } from './kubectl.ts';
import { until } from './until.ts';

// Acts on the processes of a container from the node, as the kernel would: no grace period, no hook, nothing that the
// image would have to contain. It works only on the local clusters, whose nodes this machine can reach.

const execute = promisify(execFile);

interface PodView {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly nodeName: string };
  readonly status: {
    readonly containerStatuses?: readonly { readonly containerID?: string; readonly ready: boolean }[];
  };
}

/** A container that ran when it was found. `untilBack` recognises its successor by the different container ID. */
export interface FoundContainer {
  readonly namespace: string;
  readonly pod: string;
  readonly node: string;
  /** Container ID without its prefix. */
  readonly container: string;
}

export interface ContainerChoice {
  readonly namespace: string;
  readonly selector: string;
  /** Name of the pod. Default: the last pod that the selector matches. */
  readonly pod?: string;
}

/** Returns the name of the pod that sends orders, which has a spare beside it. Throws if none is known to. */
export async function senderPod(
  kubectl: Kubectl,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): Promise<string> {
  const { status } = await kubectl.json<{ status?: { execution?: { pod?: string; active?: string } } }>(
    '-n',
    namespace,
    'get',
    'tradingstack',
    name,
  );
  const { pod, active } = status?.execution ?? {};
  if (pod === undefined || active === 'none' || active === 'Unknown') throw new Error(`no pod of ${name} sends`);
  return pod;
}

/** Finds the first container of a pod. Throws if there is none. */
export async function findContainer(
  kubectl: Kubectl,
  { namespace, selector, pod: wanted }: ContainerChoice,
): Promise<FoundContainer> {
  const pods = await kubectl.json<{ items: readonly PodView[] }>('-n', namespace, 'get', 'pods', '-l', selector);
  const pod = pods.items.findLast(({ metadata }) => wanted === undefined || metadata.name === wanted);
  const container = pod?.status.containerStatuses?.[0]?.containerID?.replace('containerd://', '');
  if (pod === undefined || container === undefined) throw new Error(`no running pod for ${selector} in ${namespace}`);
  return { namespace, pod: pod.metadata.name, node: pod.spec.nodeName, container };
}

/**
 * Kills the first process of a container with SIGKILL, as the kernel's out-of-memory killer would. The kubelet restarts
 * the container. Throws if no such process runs.
 */
export async function killContainer(
  kubectl: Kubectl,
  cluster: Cluster,
  choice: ContainerChoice,
): Promise<FoundContainer> {
  const victim = await findContainer(kubectl, choice);
  await onNode(cluster, victim, 'kill -9 $first');
  return victim;
}

/** Stops every process of a container, parents first so that none starts another, or lets all of them continue. */
export async function freezeContainer(cluster: Cluster, found: FoundContainer, signal: 'STOP' | 'CONT'): Promise<void> {
  await onNode(cluster, found, `visit() { kill -${signal} $1; }; ${WALK}`);
}

/**
 * Drops every packet to and from the pod of a container, or lets them pass again. Established connections are cut too,
 * which a network policy does not do on every cluster. The rules are of the pod, so they outlive its containers.
 */
export async function cutNetwork(cluster: Cluster, found: FoundContainer, action: 'cut' | 'restore'): Promise<void> {
  const change = action === 'cut' ? '-I' : '-D';
  const rules = `iptables ${change} INPUT ! -i lo -j DROP && iptables ${change} OUTPUT ! -o lo -j DROP`;
  await onNode(cluster, found, `nsenter -t $first -n sh -c '${rules}'`);
}

/**
 * Drops every packet between the pod of a container and some addresses, or lets them pass again. Packets inside the pod
 * still have the addresses of Services, which the node translates. To let pass what is not dropped changes nothing.
 */
export async function cutPeers(
  cluster: Cluster,
  found: FoundContainer,
  addresses: readonly string[],
  action: 'cut' | 'restore',
): Promise<void> {
  await onNode(cluster, found, `nsenter -t $first -n sh -c '${peerRules(addresses, action)}'`);
}

/** Returns a shell script. Every rule is needed for a cut; one that is missing already is no failure of a restore. */
export function peerRules(addresses: readonly string[], action: 'cut' | 'restore'): string {
  const [change, joint] = action === 'cut' ? ['-I', ' && '] : ['-D', '; '];
  const rules = addresses.flatMap((address) => [`INPUT -s ${address}`, `OUTPUT -d ${address}`]);
  const script = rules.map((rule) => `iptables ${change} ${rule} -j DROP`).join(joint);
  return action === 'cut' ? script : `${script}; true`;
}

/**
 * Returns the anonymous memory of the largest process of a container, in bytes. The sum over all processes of Postgres
 * follows the number of connections: those that a cut network has orphaned live on until its keepalive ends them.
 */
export async function largestAnonymousBytes(cluster: Cluster, found: FoundContainer): Promise<number> {
  const lines = await onNode(cluster, found, `visit() { grep RssAnon /proc/$1/status; }; ${WALK}`);
  const kibibytes = [...lines.matchAll(/RssAnon:\s+(\d+) kB/g)].map(([, amount]) => Number(amount));
  return Math.max(0, ...kibibytes) * 1_024;
}

/** The kubelet's longest delay before it starts a container again that ended too often, and a minute for the start. */
const BACK_WITHIN_MS = 360_000;

/** Waits until a new container runs in the pod of a killed one and is ready. */
export async function untilBack(kubectl: Kubectl, { namespace, pod, container }: FoundContainer): Promise<void> {
  await until(
    `${pod} to be ready again`,
    async () => {
      const { status } = await kubectl.json<PodView>('-n', namespace, 'get', 'pod', pod);
      const [current] = status.containerStatuses ?? [];
      return current?.ready === true && current.containerID?.endsWith(container) === false ? true : undefined;
    },
    { withinMs: BACK_WITHIN_MS },
  );
}

/** Visits a process, then its children. Only the first process must exist: a child may have ended meanwhile. */
const WALK =
  'walk() { visit $1; for child in $(cat /proc/$1/task/$1/children); do walk $child; done; }; ' +
  'kill -0 $first && { walk $first; true; }';

/** Runs a shell script on the node of a container, with the number of its first process in `$first`. */
async function onNode(cluster: Cluster, { node, container }: FoundContainer, script: string): Promise<string> {
  const isLocal = cluster.kind === 'embedded';
  const run = isLocal ? `${clusterPaths(readConfig().cacheDirectory).state}/run` : '/run/containerd';
  const pidFile = `${run}/io.containerd.runtime.v2.task/k8s.io/${container}/init.pid`;
  const shell = ['sh', '-c', `first=$(cat ${pidFile}) && { ${script}; }`] as const;
  const { stdout } = isLocal
    ? await execute(shell[0], shell.slice(1))
    : await execute('docker', ['exec', node, ...shell]);
  return stdout;
}
