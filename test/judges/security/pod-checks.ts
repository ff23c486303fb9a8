import { podCheck, type Check } from './check.ts';

const VOLUMES: ReadonlySet<string> = new Set(['configMap', 'emptyDir', 'persistentVolumeClaim', 'projected', 'secret']);

/** Rules for what a pod as a whole may do. */
export const POD_CHECKS: readonly Check[] = [
  podCheck(
    'host-namespaces',
    'PSS, CIS 5.2, kube-linter, Polaris',
    ({ pod }) => pod.hostNetwork === true || pod.hostPID === true || pod.hostIPC === true,
  ),
  podCheck('volume-types', 'PSS, CIS 5.2, kube-linter host mounts', ({ pod }) =>
    (pod.volumes ?? []).some((volume) => Object.keys(volume).some((key) => key !== 'name' && !VOLUMES.has(key))),
  ),
  podCheck('run-as-non-root', 'PSS, NSA, CIS 5.2, kube-linter, Polaris', ({ pod, containers }) => {
    const contexts = [pod.securityContext, ...containers.map(({ securityContext }) => securityContext)];
    const isRoot = contexts.some((context) => context?.runAsUser === 0 || context?.runAsNonRoot === false);
    return pod.securityContext?.runAsNonRoot !== true || isRoot;
  }),
  podCheck('seccomp', 'PSS, CIS 5.7, kube-score', ({ pod, containers }) => {
    const contexts = [pod.securityContext, ...containers.map(({ securityContext }) => securityContext)];
    const types = contexts.flatMap((context) => context?.seccompProfile?.type ?? []);
    return types.length === 0 || types.some((type) => type !== 'RuntimeDefault');
  }),
  podCheck('sysctls', 'PSS', ({ pod }) => (pod.securityContext?.sysctls ?? []).length > 0),
  podCheck('no-mandatory-access-change', 'PSS (AppArmor, SELinux)', ({ pod, containers }) =>
    [pod.securityContext, ...containers.map(({ securityContext }) => securityContext)].some(
      (context) => context?.seLinuxOptions !== undefined || context?.appArmorProfile?.type === 'Unconfined',
    ),
  ),
  podCheck(
    'no-default-service-account',
    'NSA, CIS 5.1.5, kube-linter',
    ({ pod }) => pod.serviceAccountName === undefined || pod.serviceAccountName === 'default',
  ),
  podCheck(
    'no-service-account-token',
    'NSA, CIS 5.1.6, Polaris',
    ({ pod }) => pod.automountServiceAccountToken !== false,
  ),
  podCheck('bounded-empty-directories', 'kube-score ephemeral storage', ({ pod }) =>
    (pod.volumes ?? []).some(({ emptyDir }) => emptyDir !== undefined && emptyDir.sizeLimit === undefined),
  ),
  podCheck(
    'spread-replicas',
    'kube-linter no-anti-affinity, kube-score, Polaris',
    ({ replicas, pod }) =>
      replicas > 1 && pod.topologySpreadConstraints === undefined && pod.affinity?.podAntiAffinity === undefined,
  ),
  podCheck('matching-selector', 'kube-linter mismatching-selector', ({ selector, labels }) =>
    Object.entries(selector).some(([key, value]) => labels[key] !== value),
  ),
];
