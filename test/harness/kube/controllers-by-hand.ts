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

/** Plays what a cluster does beside the API server: its controllers' parts and the kubelet's. */
export interface ControllersByHand {
  makePlatformSecrets(): Promise<void>;
  /** One round of everything. */
  play(): Promise<void>;
  /** Removes the pods of Deployments without replicas, and of those that are gone. */
  stopPods(): Promise<void>;
}

interface Place {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly processes: ProcessesByHand;
}

export function controllersByHand(
  client: KubeClient,
  namespace: string,
  processes: ProcessesByHand,
): ControllersByHand {
  const place = { client, namespace, processes };
  return {
    makePlatformSecrets: async () => {
      for (const { name } of CATALOGUE) {
        const data = { 'redis-password': 'YQ==', 'postgres-password': 'Yg==' };
        await client.create(secrets, { metadata: { namespace, name: platformSecretOf(name) }, data } as KubeObject);
      }
    },
    play: async () => {
      await completeJobs(place);
      const { items } = await client.list(deployments, { namespace });
      for (const deployment of items) await roll(place, deployment);
      await releaseClaims(place);
    },
    stopPods: async () => {
      const { items } = await client.list(deployments, { namespace });
      const alive = new Set(items.filter(({ spec }) => spec?.replicas !== 0).map(serviceOf));
      await removePods(place, (service) => !alive.has(service));
    },
  };
}

async function completeJobs({ client, namespace }: Place): Promise<void> {
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

async function roll(place: Place, deployment: StoredDeployment): Promise<void> {
  const { client, namespace, processes } = place;
  const { metadata, spec } = deployment;
  const replicas = spec?.replicas ?? 1;
  if (replicas > 0 && processes.releaseOf(serviceOf(deployment)) !== releaseOf(deployment))
    await replacePod(place, deployment);
  const counts = { replicas, updatedReplicas: replicas, availableReplicas: replicas, readyReplicas: replicas };
  const status = { observedGeneration: metadata.generation, ...counts };
  const ref = { namespace, name: metadata.name };
  await client.mergePatch(deployments, ref, { status }, { status: true }).catch(ignoreGone);
}

async function replacePod(place: Place, deployment: StoredDeployment): Promise<void> {
  const { client, namespace, processes } = place;
  const [service, release] = [serviceOf(deployment), releaseOf(deployment)];
  await removePods(place, (of) => of === service);
  const name = `${deployment.metadata.name}-${release}`;
  const { metadata = {}, spec } = deployment.spec?.template ?? {};
  await client.create(pods, { metadata: { ...metadata, namespace, name }, spec } as KubeObject);
  const status = { phase: 'Running', podIP: POD_ADDRESS, conditions: [{ type: 'Ready', status: 'True' }] };
  await client.mergePatch(pods, { namespace, name }, { status }, { status: true });
  processes.start(service, release);
}

async function removePods({ client, namespace, processes }: Place, isOut: (service: string) => boolean): Promise<void> {
  const { items } = await client.list(pods, { namespace });
  for (const pod of items.filter((candidate) => isOut(serviceOf(candidate)))) {
    await client.delete(pods, { namespace, name: pod.metadata.name });
    processes.stop(serviceOf(pod));
  }
}

/** Its own controller takes this finalizer off once no pod uses the claim. */
async function releaseClaims({ client, namespace }: Place): Promise<void> {
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

/** The operator deletes at the same time. */
function ignoreGone(error: unknown): void {
  if (!isKubeError(error, 'NotFound', 'Conflict')) throw error;
}
