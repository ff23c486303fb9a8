import type { V1Container, V1PodSpec } from '@kubernetes/client-node';
import { workloadsOf, type Rendered } from './rendered.ts';

/** Breaks one rule in objects that keep all of them. */
export type Plant = (objects: Rendered[]) => void;

const inPod =
  (change: (pod: V1PodSpec) => object): Plant =>
  (objects) => {
    for (const { kind, pod } of workloadsOf(objects).slice(-1)) if (kind !== '') Object.assign(pod, change(pod));
  };
const inContainer = (change: (container: V1Container) => object): Plant =>
  inPod(({ containers }) => {
    for (const container of containers) Object.assign(container, change(container));
    return {};
  });
const inContext = (change: object): Plant =>
  inContainer(({ securityContext }) => ({ securityContext: Object.assign({}, securityContext, change) }));
const inPodContext = (change: object): Plant =>
  inPod(({ securityContext }) => ({ securityContext: Object.assign({}, securityContext, change) }));
const without =
  (kind: string): Plant =>
  (objects) => {
    objects.splice(0, objects.length, ...objects.filter((object) => object.kind !== kind));
  };
const changed =
  (kind: string, change: object): Plant =>
  (objects) => {
    for (const object of objects.filter((each) => each.kind === kind).slice(-1)) Object.assign(object, change);
  };
const added =
  (object: Rendered): Plant =>
  (objects) => {
    objects.push(object);
  };
const role = (rule: object): Plant => added({ kind: 'Role', metadata: { name: 'r' }, rules: [rule] });
const nowhere = { matchLabels: { app: 'nowhere' } };

/** By rule: a defect that it must find. */
export const PLANTS: Readonly<Record<string, Plant>> = {
  'host-namespaces': inPod(() => ({ hostPID: true })),
  'volume-types': inPod(() => ({ volumes: [{ name: 'a', hostPath: { path: '/' } }] })),
  'run-as-non-root': inPodContext({ runAsUser: 0 }),
  seccomp: inPodContext({ seccompProfile: { type: 'Unconfined' } }),
  sysctls: inPodContext({ sysctls: [{ name: 'kernel.shm_rmid_forced', value: '0' }] }),
  'no-mandatory-access-change': inPodContext({ seLinuxOptions: { type: 'spc_t' } }),
  'no-default-service-account': inPod(() => ({ serviceAccountName: 'default' })),
  'no-service-account-token': inPod(() => ({ automountServiceAccountToken: true })),
  'bounded-empty-directories': inPod(() => ({ volumes: [{ name: 'a', emptyDir: {} }] })),
  'spread-replicas': (objects) => {
    for (const object of objects.filter(({ kind }) => kind === 'Deployment'))
      Object.assign(object['spec'] as object, { replicas: 2 });
  },
  'matching-selector': (objects) => {
    for (const object of objects.filter(({ kind }) => kind === 'Deployment'))
      Object.assign(object['spec'] as object, { selector: nowhere });
  },
  'no-privileges': inContext({ allowPrivilegeEscalation: true }),
  capabilities: inContext({ capabilities: { drop: ['ALL'], add: ['SYS_ADMIN'] } }),
  'proc-mount': inContext({ procMount: 'Unmasked' }),
  'read-only-root': inContext({ readOnlyRootFilesystem: false }),
  ports: inContainer(() => ({ ports: [{ containerPort: 80 }] })),
  'no-secret-in-environment': inContainer(() => ({ envFrom: [{ secretRef: { name: 'a' } }] })),
  'pinned-image': inContainer(() => ({ image: 'registry.example.com:5000/a' })),
  'requests-and-limits': inContainer(() => ({ resources: { limits: { cpu: '1' } } })),
  probes: inContainer(({ livenessProbe }) => ({ readinessProbe: livenessProbe })),
  'isolated-both-ways': without('NetworkPolicy'),
  'disruption-budget': without('PodDisruptionBudget'),
  'existing-service-account': without('ServiceAccount'),
  'service-has-pods': changed('Service', { spec: { selector: { app: 'nowhere' } } }),
  'policy-has-pods': changed('NetworkPolicy', { spec: { podSelector: nowhere } }),
  'not-exposed': changed('Service', { spec: { type: 'LoadBalancer' } }),
  'no-secret-in-config-map': changed('ConfigMap', { data: { a: '{"apiKey": "x"}' } }),
  'no-default-namespace': changed('ConfigMap', { metadata: { name: 'a', namespace: 'default' } }),
  'stable-api-version': changed('PodDisruptionBudget', { apiVersion: 'policy/v1beta1' }),
  'label-values': changed('ConfigMap', { metadata: { name: 'a', labels: { a: 'a b' } } }),
  'no-wildcard': role({ apiGroups: [''], resources: ['*'], verbs: ['get'] }),
  'no-reserved-verb': role({ resources: ['roles'], verbs: ['escalate'] }),
  'named-secrets': role({ resources: ['secrets'], verbs: ['list'] }),
  'no-pods-by-hand': role({ resources: ['pods/exec'], verbs: ['create'] }),
  'no-cluster-admin': added({ kind: 'RoleBinding', metadata: { name: 'b' }, roleRef: { name: 'cluster-admin' } }),
};
