import type { V1Deployment } from '@kubernetes/client-node';
import { CATALOGUE, platformSecretOf } from '../../../services/shared/contracts/catalogue.ts';
import { RELEASE_ANNOTATION, SERVICE_LABEL } from '../../../operator/api/v1alpha1/labels.ts';
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
import { POD_ADDRESS, type ProcessesByHand } from './processes-by-hand.ts';

/** Stands in for the controllers and the kubelet of a cluster, which the API server of the tests lacks. */
export interface ControllersByHand {
  /** Creates the platform Secret of each service in the catalogue. */
  makePlatformSecrets(): Promise<void>;
  /** Runs one pass: completes Jobs, rolls out Deployments, removes finalizers of deleted claims. */
  play(): Promise<void>;
  /** Removes the pods of Deployments that have no replicas or are deleted. */
  stopPods(): Promise<void>;
}

interface Cluster {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly processes: ProcessesByHand;
}

export function controllersByHand(
  client: KubeClient,
  namespace: string,
  processes: ProcessesByHand,
): ControllersByHand {
  const cluster = { client, namespace, processes };
  return {
    makePlatformSecrets: async () => {
      for (const { name } of CATALOGUE) {
        const data = { 'redis-password': 'YQ==', 'postgres-password': 'Yg==' };
        await client.create(secrets, { metadata: { namespace, name: platformSecretOf(name) }, data } as KubeObject);
      }
    },
    play: async () => {
      await completeJobs(cluster);
      const { items } = await client.list(deployments, { namespace });
      for (const deployment of items) await roll(cluster, deployment);
      await releaseClaims(cluster);
    },
    stopPods: async () => {
      const { items } = await client.list(deployments, { namespace });
      const running = new Set(items.filter(({ spec }) => spec?.replicas !== 0).map(serviceOf));
      await removePods(cluster, (service) => !running.has(service));
    },
  };
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
  const { client, namespace, processes } = cluster;
  const { metadata, spec } = deployment;
  const replicas = spec?.replicas ?? 1;
  if (replicas > 0 && processes.releaseOf(serviceOf(deployment)) !== releaseOf(deployment))
    await replacePod(cluster, deployment);
  const counts = { replicas, updatedReplicas: replicas, availableReplicas: replicas, readyReplicas: replicas };
  const status = { observedGeneration: metadata.generation, ...counts };
  const ref = { namespace, name: metadata.name };
  await client.mergePatch(deployments, ref, { status }, { status: true }).catch(ignoreGone);
}

async function replacePod(cluster: Cluster, deployment: StoredDeployment): Promise<void> {
  const { client, namespace, processes } = cluster;
  const [service, release] = [serviceOf(deployment), releaseOf(deployment)];
  await removePods(cluster, (of) => of === service);
  const name = `${deployment.metadata.name}-${release}`;
  const { metadata = {}, spec } = deployment.spec?.template ?? {};
  await client.create(pods, { metadata: { ...metadata, namespace, name }, spec } as KubeObject);
  const status = { phase: 'Running', podIP: POD_ADDRESS, conditions: [{ type: 'Ready', status: 'True' }] };
  await client.mergePatch(pods, { namespace, name }, { status }, { status: true });
  processes.start(service, release);
}

async function removePods(
  { client, namespace, processes }: Cluster,
  shouldRemove: (service: string) => boolean,
): Promise<void> {
  const { items } = await client.list(pods, { namespace });
  for (const pod of items.filter((candidate) => shouldRemove(serviceOf(candidate)))) {
    await client.delete(pods, { namespace, name: pod.metadata.name });
    processes.stop(serviceOf(pod));
  }
}

/** In a cluster, the PVC protection controller removes this finalizer once no pod uses the claim. */
async function releaseClaims({ client, namespace }: Cluster): Promise<void> {
  const { items } = await client.list(persistentVolumeClaims, { namespace });
  for (const claim of items.filter(({ metadata }) => metadata.deletionTimestamp !== undefined))
    await client.setFinalizers(persistentVolumeClaims, claim, []).catch(ignoreGone);
}

function serviceOf({ metadata }: Stored): string {
  return metadata.labels?.[SERVICE_LABEL] ?? '';
}

function releaseOf({ spec }: StoredDeployment): string {
  return spec?.template.metadata?.annotations?.[RELEASE_ANNOTATION] ?? '';
}

/** Ignores the loss of a race with the operator, which updates and deletes the same objects. */
function ignoreGone(error: unknown): void {
  if (!isKubeError(error, 'NotFound', 'Conflict')) throw error;
}
