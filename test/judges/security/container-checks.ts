import { containerCheck, type Check } from './check.ts';

/** Rules for each container. */
export const CONTAINER_CHECKS: readonly Check[] = [
  containerCheck(
    'no-privileges',
    'PSS, CIS 5.2, kube-linter, Polaris',
    ({ securityContext }) =>
      securityContext?.privileged === true || securityContext?.allowPrivilegeEscalation !== false,
  ),
  containerCheck('capabilities', 'PSS, CIS 5.2, Polaris', ({ securityContext }) => {
    const { add = [], drop = [] } = securityContext?.capabilities ?? {};
    return !drop.includes('ALL') || add.some((name) => name !== 'NET_BIND_SERVICE');
  }),
  containerCheck('proc-mount', 'PSS', ({ securityContext }) => (securityContext?.procMount ?? 'Default') !== 'Default'),
  containerCheck(
    'read-only-root',
    'NSA, kube-linter, kube-score, Polaris',
    ({ securityContext }) => securityContext?.readOnlyRootFilesystem !== true,
  ),
  containerCheck('ports', 'PSS host ports, kube-linter privileged-ports', ({ ports = [] }) =>
    ports.some(({ hostPort = 0, containerPort }) => hostPort !== 0 || containerPort < 1_024),
  ),
  containerCheck('no-secret-in-environment', 'NSA, CIS 5.4.1, kube-linter, Polaris', ({ env = [], envFrom = [] }) =>
    [...env.map(({ valueFrom }) => valueFrom?.secretKeyRef), ...envFrom.map(({ secretRef }) => secretRef)].some(
      (reference) => reference !== undefined,
    ),
  ),
  containerCheck('pinned-image', 'kube-linter latest-tag, kube-score, Polaris', ({ image = '' }) => {
    const tagged = /(?::[\w.-]+|@sha256:[0-9a-f]{64})$/.test(image);
    return !tagged || image.endsWith(':latest');
  }),
  containerCheck('requests-and-limits', 'NSA, CIS, kube-linter, kube-score, Polaris', ({ resources }) =>
    [resources?.requests, resources?.limits].some((amounts) => !amounts?.['cpu'] || !amounts['memory']),
  ),
  containerCheck(
    'probes',
    'kube-linter, kube-score, Polaris',
    ({ livenessProbe, readinessProbe }, { kind }) =>
      kind !== 'Job' &&
      (livenessProbe === undefined ||
        readinessProbe === undefined ||
        JSON.stringify(livenessProbe) === JSON.stringify(readinessProbe)),
  ),
];
