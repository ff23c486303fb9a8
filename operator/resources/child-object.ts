import type {
  V1ConfigMap,
  V1Deployment,
  V1Job,
  V1NetworkPolicy,
  V1PersistentVolumeClaim,
  V1PodDisruptionBudget,
  V1Secret,
  V1Service,
  V1ServiceAccount,
} from '@kubernetes/client-node';
import { buildConfigMap } from './build-config-map.ts';
import { buildDeployment } from './deployments/build-deployment.ts';
import { buildJob } from './build-job.ts';
import { buildNetworkPolicy } from './build-network-policy.ts';
import { buildPersistentVolumeClaim } from './build-persistent-volume-claim.ts';
import { buildPodDisruptionBudget } from './build-pod-disruption-budget.ts';
import type { RenderedService } from './rendered-service.ts';
import { buildServiceAccount } from './build-service-account.ts';
import { buildService } from './build-service.ts';
import type { StackContext } from './stack-context.ts';

export type ChildObject =
  | V1Secret
  | V1NetworkPolicy
  | V1ServiceAccount
  | V1ConfigMap
  | V1PersistentVolumeClaim
  | V1Service
  | V1PodDisruptionBudget
  | V1Job
  | V1Deployment;

/** Every kind that the operator creates, in the order in which a service needs them. */
export const CHILD_KINDS = [
  'Secret',
  'NetworkPolicy',
  'ServiceAccount',
  'ConfigMap',
  'PersistentVolumeClaim',
  'Service',
  'PodDisruptionBudget',
  'Job',
  'Deployment',
] as const;
export type ChildKind = (typeof CHILD_KINDS)[number];

/**
 * All objects of one service, in the order of creation: the NetworkPolicy first, the workload last. Without the
 * Deployments of the sender, of which there is one per colour (`colouredDeployment`).
 */
export function buildServiceObjects(context: StackContext, release: RenderedService): readonly ChildObject[] {
  return [
    buildNetworkPolicy(context, release),
    buildServiceAccount(context, release),
    buildConfigMap(context, release),
    buildPersistentVolumeClaim(context, release),
    buildService(context, release),
    buildPodDisruptionBudget(context, release),
    buildJob(context, release),
    isFenced(release) ? undefined : buildDeployment(context, release),
  ].filter((object) => object !== undefined);
}

/** Whether the service is the sender, which has one Deployment per colour. */
export function isFenced({ row }: Pick<RenderedService, 'row'>): boolean {
  return row.update === 'Fenced';
}
