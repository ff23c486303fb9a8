import type { V1Deployment, V1PodSpec } from '@kubernetes/client-node';
import { CATALOGUE, platformSecretOf } from '../../../services/shared/contracts/catalogue.ts';
import { COLOUR_LABEL, RELEASE_ANNOTATION, SERVICE_LABEL } from '../../../operator/api/v1alpha1/labels.ts';
import {
  deployments,
  jobs,
  persistentVolumeClaims,
  pods,
  secrets,
} from '../../../operator/kube/client/builtin-resources.ts';
import type { KubeClient } from '../../../operator/kube/client/client.ts';
import { isKubeError } from '../../../operator/kube/client/kube-error.ts';
import type { KubeObject, Stored, Wire } from '../../../operator/kube/client/resource.ts';

/** Stands in for the controllers and the kubelet of a cluster, which the API server of the tests lacks. */
export interface ControllersByHand {
  /** Creates the platform Secret of each service in the catalogue. */
  makePlatformSecrets(passwords?: PlatformPasswords): Promise<void>;
  /** Runs one pass: completes Jobs, rolls out Deployments, removes finalizers of deleted claims. */
  play(): Promise<void>;
  /** Removes the pods of Deployments that have no replicas or are deleted. */
  stopPods(): Promise<void>;
}

/**
 * Runs the process of each pod, as a kubelet does. A workload is a service, or `<service>-<colour>` of the sender, with
 * `-2` of its second pod.
 */
export interface PodRunner {
  /** Returns the address of the pod, or why its container waits, such as `ImagePullBackOff`. */
  start(workload: Workload, release: string, volumes: PodVolumes): StartedPod | Promise<StartedPod>;
  stop(workload: string): void | Promise<void>;
  /** Undefined while the workload does not run. */
  releaseOf(workload: string): string | undefined;
  /** Whether the process reports that it is ready. Default: each one is. */
  isReady?(workload: string): Promise<boolean>;
}

export interface Workload {
  readonly name: string;
  readonly service: string;
}

export type PodVolumes = NonNullable<Wire<V1PodSpec>['volumes']>;
export type StartedPod = { readonly ip: string } | { readonly waiting: string };

interface Cluster {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly processes: PodRunner;
  /** Release of the pod whose container waits, by workload. */
  readonly waiting: Map<string, string>;
  /** Since when the pod of a workload is ready, by workload and release. UTC milliseconds. */
  readonly readySince: Map<string, number>;
}

export function controllersByHand(client: KubeClient, namespace: string, processes: PodRunner): ControllersByHand {
  const cluster: Cluster = { client, namespace, processes, waiting: new Map(), readySince: new Map() };
  return {
    makePlatformSecrets: async (passwords) => await makePlatformSecrets(client, namespace, passwords),
    play: async () => {
      await completeJobs(cluster);
      const { items } = await client.list(deployments, { namespace });
      for (const deployment of items) await roll(cluster, deployment);
      await releaseClaims(cluster);
    },
    stopPods: async () => {
      const { items } = await client.list(deployments, { namespace });
      const running = new Set(
        items.flatMap((one) =>
          Array.from({ length: placesOf(one) }, (_, index) => replicaOf(workloadOf(one), index).name),
        ),
      );
      await removePods(cluster, (workload) => !running.has(workload));
    },
  };
}

interface PlatformPasswords {
  readonly redis: string;
  readonly postgres: string;
}

/** Creates the platform Secret of each service in the catalogue, as charts/platform does. */
export async function makePlatformSecrets(
  client: Pick<KubeClient, 'create'>,
  namespace: string,
  { redis, postgres }: PlatformPasswords = { redis: 'a', postgres: 'b' },
): Promise<void> {
  const stringData = { 'redis-password': redis, 'postgres-password': postgres };
  for (const { name } of CATALOGUE)
    await client.create(secrets, { metadata: { namespace, name: platformSecretOf(name) }, stringData } as KubeObject);
}

async function completeJobs({ client, namespace }: Cluster): Promise<void> {
  const { items } = await client.list(jobs, { namespace });
  for (const { metadata, status } of items) {
    if (status?.conditions?.some(({ type }) => type === 'Complete') === true) continue;
    const now = new Date().toISOString();
    const condition = (type: string) => ({ type, status: 'True', lastTransitionTime: now, lastProbeTime: now });
    const conditions = [condition('SuccessCriteriaMet'), condition('Complete')];
    const done = { startTime: now, completionTime: now, succeeded: 1, conditions };
    const ref = { namespace, name: metadata.name };
    await client.mergePatch(jobs, ref, { status: done }, { status: true }).catch(ignoreGone);
  }
}

type StoredDeployment = Stored<Wire<V1Deployment>>;

async function roll(cluster: Cluster, deployment: StoredDeployment): Promise<void> {
  if (isRolledBeside(deployment)) return await rollBeside(cluster, deployment);
  const { processes } = cluster;
  const replicas = deployment.spec?.replicas ?? 1;
  const release = releaseOf(deployment);
  const workloads = Array.from({ length: replicas }, (_, index) => replicaOf(workloadOf(deployment), index));
  for (const workload of workloads) {
    const hasPod = processes.releaseOf(workload.name) === release || cluster.waiting.get(workload.name) === release;
    if (!hasPod) await replacePod(cluster, deployment, workload);
  }
  const available = workloads.filter(({ name }) => processes.releaseOf(name) === release).length;
  const counts = { replicas, updatedReplicas: replicas, availableReplicas: available, readyReplicas: available };
  await reportReplicas(cluster, deployment, counts);
}

type Replicas = Readonly<Record<'replicas' | 'updatedReplicas' | 'availableReplicas' | 'readyReplicas', number>>;

/** Sets the status of a Deployment. Tests run a pass every few milliseconds, and hardly one of them changes it. */
async function reportReplicas(
  { client, namespace }: Cluster,
  { metadata, status: stored }: StoredDeployment,
  replicas: Replicas,
): Promise<void> {
  const status = { observedGeneration: metadata.generation ?? 0, ...replicas };
  // The API server omits a count of 0.
  const isStored = Object.entries(status).every(([name, value]) => (stored?.[name as keyof Replicas] ?? 0) === value);
  if (isStored) return;
  const ref = { namespace, name: metadata.name };
  await client.mergePatch(deployments, ref, { status }, { status: true }).catch(ignoreGone);
}

/** Whether the old pod stays until the new one is ready. Elsewhere no test looks at the time between. */
function isRolledBeside({ spec }: StoredDeployment): boolean {
  return (spec?.minReadySeconds ?? 0) > 0 && spec?.replicas === 1;
}

function placesOf(deployment: StoredDeployment): number {
  return isRolledBeside(deployment) ? 2 : (deployment.spec?.replicas ?? 1);
}

/** Starts a pod of the release beside the one before, which it removes once the new one has been ready for a time. */
async function rollBeside(cluster: Cluster, deployment: StoredDeployment): Promise<void> {
  const { processes, waiting } = cluster;
  const release = releaseOf(deployment);
  const runs = ({ name }: Workload) => processes.releaseOf(name) ?? waiting.get(name);
  const places = [0, 1].map((index) => replicaOf(workloadOf(deployment), index));
  const isReady = async ({ name }: Workload) =>
    processes.releaseOf(name) !== undefined && (await (processes.isReady?.(name) ?? true));
  const ready = new Set<Workload>();
  for (const place of places) if (await isReady(place)) ready.add(place);
  const current = places.find((place) => runs(place) === release);
  const next =
    current ?? places.find((place) => runs(place) === undefined) ?? places.find((place) => !ready.has(place));
  if (next === undefined) return;
  if (current === undefined) await replacePod(cluster, deployment, next);
  const isAvailable = hasBeenReady(cluster, deployment, { name: next.name, isReady: ready.has(next) });
  if (current !== undefined && isAvailable)
    await removePods(cluster, (of) => places.some(({ name }) => name === of && name !== next.name));
  await reportReadiness(cluster, new Map(places.map((place) => [place.name, ready.has(place)])));
  const pods = places.filter((place) => runs(place) !== undefined).length;
  const available = isAvailable ? 1 : 0;
  const counts = { replicas: pods, updatedReplicas: 1, availableReplicas: available, readyReplicas: ready.size };
  await reportReplicas(cluster, deployment, counts);
}

/** How long a second of `minReadySeconds` lasts. Each install waits for them, and no test looks at their length. */
const READY_SECOND_MS = 100;

/** Whether the pod of a workload has been ready for `minReadySeconds` without a break. */
function hasBeenReady(
  { readySince }: Cluster,
  deployment: StoredDeployment,
  { name, isReady }: { readonly name: string; readonly isReady: boolean },
): boolean {
  const key = `${name} ${releaseOf(deployment)}`;
  if (!isReady) readySince.delete(key);
  else if (!readySince.has(key)) readySince.set(key, Date.now());
  const sinceMs = readySince.get(key);
  return sinceMs !== undefined && Date.now() - sinceMs >= (deployment.spec?.minReadySeconds ?? 0) * READY_SECOND_MS;
}

/** Sets the condition of the pods of some workloads. */
async function reportReadiness({ client, namespace }: Cluster, isReady: ReadonlyMap<string, boolean>): Promise<void> {
  const { items } = await client.list(pods, { namespace });
  for (const pod of items) {
    const ready = isReady.get(workloadOf(pod).name);
    if (ready === undefined || pod.status?.podIP === undefined) continue;
    const condition = { type: 'Ready', status: ready ? 'True' : 'False' };
    if (pod.status.conditions?.some(({ type, status }) => type === 'Ready' && status === condition.status)) continue;
    const status = { conditions: [condition] };
    await client
      .mergePatch(pods, { namespace, name: pod.metadata.name }, { status }, { status: true })
      .catch(ignoreGone);
  }
}

async function replacePod(cluster: Cluster, deployment: StoredDeployment, workload: Workload): Promise<void> {
  const { client, namespace, processes } = cluster;
  const release = releaseOf(deployment);
  await removePods(cluster, (of) => of === workload.name);
  const ordinal = workload.name.slice(workloadOf(deployment).name.length + 1);
  const name = `${deployment.metadata.name}-${release}${ordinal === '' ? '' : `-${ordinal}`}`;
  const { metadata = {}, spec } = deployment.spec?.template ?? {};
  const labels = { ...metadata.labels, [ORDINAL_LABEL]: ordinal };
  await client.create(pods, { metadata: { ...metadata, labels, namespace, name }, spec } as KubeObject);
  const started = await processes.start(workload, release, spec?.volumes ?? []);
  if ('waiting' in started) cluster.waiting.set(workload.name, release);
  else cluster.waiting.delete(workload.name);
  const status = podStatus(workload.service, started);
  await client.mergePatch(pods, { namespace, name }, { status }, { status: true });
}

function podStatus(service: string, started: StartedPod): object {
  if ('ip' in started) return { phase: 'Running', podIP: started.ip, conditions: [{ type: 'Ready', status: 'True' }] };
  const container = { name: service, ready: false, started: false, restartCount: 0, image: '', imageID: '' };
  const state = { waiting: { reason: started.waiting, message: 'the registry has no such image' } };
  return { phase: 'Pending', containerStatuses: [{ ...container, state }] };
}

async function removePods(
  { client, namespace, processes, waiting }: Cluster,
  shouldRemove: (workload: string) => boolean,
): Promise<void> {
  const { items } = await client.list(pods, { namespace });
  for (const pod of items.filter((candidate) => shouldRemove(workloadOf(candidate).name))) {
    await client.delete(pods, { namespace, name: pod.metadata.name });
    const workload = workloadOf(pod).name;
    waiting.delete(workload);
    await processes.stop(workload);
  }
}

/** In a cluster, the PVC protection controller removes this finalizer once no pod uses the claim. */
async function releaseClaims({ client, namespace }: Cluster): Promise<void> {
  const { items } = await client.list(persistentVolumeClaims, { namespace });
  for (const claim of items.filter(({ metadata }) => metadata.deletionTimestamp !== undefined))
    await client.setFinalizers(persistentVolumeClaims, claim, []).catch(ignoreGone);
}

/** Of the pods that are made here: which one of its Deployment it is. */
const ORDINAL_LABEL = 'test/ordinal';

function workloadOf({ metadata }: Stored): Workload {
  const {
    [SERVICE_LABEL]: service = '',
    [COLOUR_LABEL]: colour,
    [ORDINAL_LABEL]: ordinal = '',
  } = metadata.labels ?? {};
  return { service, name: [service, colour, ordinal].filter((part) => part !== undefined && part !== '').join('-') };
}

/** The pod of a workload by its index, from 0. */
function replicaOf({ service, name }: Workload, index: number): Workload {
  return { service, name: index === 0 ? name : `${name}-${index + 1}` };
}

function releaseOf({ spec }: StoredDeployment): string {
  return spec?.template.metadata?.annotations?.[RELEASE_ANNOTATION] ?? '';
}

/** Ignores the loss of a race with the operator, which updates and deletes the same objects. */
function ignoreGone(error: unknown): void {
  if (!isKubeError(error, 'NotFound', 'Conflict')) throw error;
}
