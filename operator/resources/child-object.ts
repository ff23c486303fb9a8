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
import { configMap } from './config-map.ts';
import { deployment } from './deployment.ts';
import { job } from './job.ts';
import { networkPolicy } from './network-policy.ts';
import { persistentVolumeClaim } from './persistent-volume-claim.ts';
import { podDisruptionBudget } from './pod-disruption-budget.ts';
import type { ServiceRelease } from '../releases/render-release.ts';
import { serviceAccount } from './service-account.ts';
import { service } from './service.ts';
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

/** All objects of one service, in the order of creation: the NetworkPolicy first, the workload last. */
export function serviceObjects(context: StackContext, release: ServiceRelease): readonly ChildObject[] {
  const candidates: readonly (ChildObject | undefined)[] = [
    networkPolicy(context, release),
    serviceAccount(context, release),
    configMap(context, release),
    persistentVolumeClaim(context, release),
    service(context, release),
    podDisruptionBudget(context, release),
    job(context, release),
    deployment(context, release),
  ];
  return candidates.filter((object) => object !== undefined);
}
