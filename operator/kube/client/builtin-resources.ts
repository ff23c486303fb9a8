import type {
  EventsV1Event,
  V1ConfigMap,
  V1CustomResourceDefinition,
  V1Deployment,
  V1Job,
  V1Lease,
  V1Namespace,
  V1NetworkPolicy,
  V1PersistentVolumeClaim,
  V1Pod,
  V1PodDisruptionBudget,
  V1Secret,
  V1Service,
  V1ServiceAccount,
} from '@kubernetes/client-node';
import { defineResource, type KubeObject, type Resource, type Wire } from './resource.ts';

function namespaced<T extends KubeObject>(group: string, plural: string, kind: string): Resource<T> {
  return defineResource<T>({ group, version: 'v1', plural, kind, namespaced: true });
}

function clusterWide<T extends KubeObject>(group: string, plural: string, kind: string): Resource<T> {
  return defineResource<T>({ group, version: 'v1', plural, kind, namespaced: false });
}

export const configMaps = namespaced<Wire<V1ConfigMap>>('', 'configmaps', 'ConfigMap');
export const pods = namespaced<Wire<V1Pod>>('', 'pods', 'Pod');
export const secrets = namespaced<Wire<V1Secret>>('', 'secrets', 'Secret');
export const services = namespaced<Wire<V1Service>>('', 'services', 'Service');
export const serviceAccounts = namespaced<Wire<V1ServiceAccount>>('', 'serviceaccounts', 'ServiceAccount');
export const persistentVolumeClaims = namespaced<Wire<V1PersistentVolumeClaim>>(
  '',
  'persistentvolumeclaims',
  'PersistentVolumeClaim',
);
export const namespaces = clusterWide<Wire<V1Namespace>>('', 'namespaces', 'Namespace');
export const deployments = namespaced<Wire<V1Deployment>>('apps', 'deployments', 'Deployment');
export const jobs = namespaced<Wire<V1Job>>('batch', 'jobs', 'Job');
export const networkPolicies = namespaced<Wire<V1NetworkPolicy>>(
  'networking.k8s.io',
  'networkpolicies',
  'NetworkPolicy',
);
export const podDisruptionBudgets = namespaced<Wire<V1PodDisruptionBudget>>(
  'policy',
  'poddisruptionbudgets',
  'PodDisruptionBudget',
);
export const leases = namespaced<Wire<V1Lease>>('coordination.k8s.io', 'leases', 'Lease');
export const events = namespaced<Wire<EventsV1Event>>('events.k8s.io', 'events', 'Event');
export const customResourceDefinitions = clusterWide<Wire<V1CustomResourceDefinition>>(
  'apiextensions.k8s.io',
  'customresourcedefinitions',
  'CustomResourceDefinition',
);
