import type {
  V1Container,
  V1EnvVar,
  V1PodSpec,
  V1PodTemplateSpec,
  V1Volume,
  V1VolumeMount,
} from '@kubernetes/client-node';
import type { CatalogueRow } from '../../services/shared/contracts/catalogue.ts';
import type { Resources } from '../../services/shared/contracts/service-row.ts';
import { SECRETS_DIRECTORY, SETTINGS_FILE } from '../../services/shared/contracts/pod-files.ts';
import {
  labelsOf,
  RELEASE_ANNOTATION,
  selectorOf,
  TIER_LABEL,
  USES_POSTGRES_LABEL,
  USES_REDIS_LABEL,
} from '../api/v1alpha1/labels.ts';
import { amountOf, type ServiceOverride } from '../api/v1alpha1/trading-stack/service-overrides.ts';
import { podSecrets } from './pod-secrets.ts';
import { probesOf } from './probes.ts';
import { serviceObjectName, type StackContext } from './stack-context.ts';

export const SETTINGS_KEY = 'settings.json';
const SETTINGS_DIRECTORY = SETTINGS_FILE.slice(0, SETTINGS_FILE.lastIndexOf('/'));
/** UID and GID of the user in the image. */
const USER = 1_000;
/** Readable by owner and group. The group of the volume is that of the process. */
const SECRET_MODE = 0o440;
/** Seconds; long enough to complete requests in flight, and shorter than the timeouts of the venue. */
const TERMINATION_GRACE_SECONDS = 30;

export interface PodTemplateOptions {
  /** Service hash that the pod reports. */
  readonly release: string;
  readonly settingsMap: string;
}

/** Pod template of a service. Meets the Pod Security Standard "restricted". */
export function buildPodTemplate(
  context: StackContext,
  row: CatalogueRow,
  { release, settingsMap }: PodTemplateOptions,
): V1PodTemplateSpec {
  const job = row.update === 'Job';
  return {
    metadata: {
      labels: podLabels(context, row),
      annotations: { [RELEASE_ANNOTATION]: release },
    },
    spec: {
      serviceAccountName: serviceObjectName(context.name, row.name),
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      // Else the process is PID 1, for which the kernel drops SIGTERM until Node.js has started and set a handler: a
      // pod that is deleted in that time would live, and be waited for, until the end of its grace period.
      shareProcessNamespace: true,
      restartPolicy: job ? 'OnFailure' : 'Always',
      terminationGracePeriodSeconds: TERMINATION_GRACE_SECONDS,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: USER,
        runAsGroup: USER,
        fsGroup: USER,
        fsGroupChangePolicy: 'OnRootMismatch',
        seccompProfile: { type: 'RuntimeDefault' },
      },
      ...spreadOf(context, row),
      containers: [container(context, row, release)],
      volumes: volumes(context, row, settingsMap),
    },
  };
}

/** Prefers different nodes for the pods of a service that may have several, whatever number it has now. */
function spreadOf({ name }: StackContext, row: CatalogueRow): Pick<V1PodSpec, 'topologySpreadConstraints'> {
  if (row.replicasMax === undefined) return {};
  const labelSelector = { matchLabels: { ...selectorOf(name, row.name) } };
  const spread = {
    maxSkew: 1,
    topologyKey: 'kubernetes.io/hostname',
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector,
  };
  return { topologySpreadConstraints: [spread] };
}

function podLabels({ name }: StackContext, row: CatalogueRow): Record<string, string> {
  return {
    ...labelsOf(name, row.name),
    [TIER_LABEL]: row.tier,
    ...(row.peers.includes('redis') ? { [USES_REDIS_LABEL]: 'true' } : {}),
    ...(row.peers.includes('postgres') ? { [USES_POSTGRES_LABEL]: 'true' } : {}),
  };
}

function container(context: StackContext, row: CatalogueRow, release: string): V1Container {
  return {
    name: row.name,
    image: context.spec.release.image,
    imagePullPolicy: 'IfNotPresent',
    command: ['node', `/app/${row.name}.mjs`],
    env: environment(release),
    ports: [{ name: 'http', containerPort: row.port, protocol: 'TCP' }],
    resources: resourcesOf(context, row),
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      capabilities: { drop: ['ALL'] },
    },
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts: volumeMounts(context, row),
    ...probesOf(row),
  };
}

function environment(release: string): V1EnvVar[] {
  const field = (name: string, fieldPath: string): V1EnvVar => ({ name, valueFrom: { fieldRef: { fieldPath } } });
  return [
    { name: 'SETTINGS_FILE', value: SETTINGS_FILE },
    { name: 'SECRETS_DIR', value: SECRETS_DIRECTORY },
    { name: 'RELEASE', value: release },
    { name: 'LOG_LEVEL', value: 'info' },
    field('POD_NAME', 'metadata.name'),
    field('POD_IP', 'status.podIP'),
  ];
}

/**
 * Resources of the catalogue with the overrides of the spec. If a request exceeds its limit, the value from the
 * catalogue is adjusted to the override.
 */
export function resourcesOf({ spec }: Pick<StackContext, 'spec'>, row: CatalogueRow): Resources {
  const { requests: ownRequests, limits: ownLimits } = overrideOf(spec, row.name).resources ?? {};
  const requests = { ...row.resources.requests, ...ownRequests };
  const limits = { ...row.resources.limits, ...ownLimits };
  for (const amount of ['cpu', 'memory'] as const) {
    if (amountOf(requests[amount]) <= amountOf(limits[amount])) continue;
    if (ownRequests?.[amount] === undefined) requests[amount] = limits[amount];
    else limits[amount] = requests[amount];
  }
  return { requests, limits };
}

export function overrideOf(spec: StackContext['spec'], service: CatalogueRow['name']): ServiceOverride {
  return (spec.services as Readonly<Record<string, ServiceOverride | undefined>>)[service] ?? {};
}

function volumes(context: StackContext, row: CatalogueRow, settingsMap: string): V1Volume[] {
  const secrets = podSecrets(row, context.spec).map(({ folder, secretName, keys }) => ({
    name: folder,
    secret: { secretName, defaultMode: SECRET_MODE, items: keys.map((key) => ({ key, path: key })) },
  }));
  return [
    { name: 'settings', configMap: { name: settingsMap, defaultMode: SECRET_MODE } },
    ...secrets,
    { name: 'tmp', emptyDir: { sizeLimit: '64Mi' } },
    ...(row.storage === undefined
      ? []
      : [{ name: 'data', persistentVolumeClaim: { claimName: serviceObjectName(context.name, row.name) } }]),
  ];
}

function volumeMounts({ spec }: StackContext, row: CatalogueRow): V1VolumeMount[] {
  return [
    { name: 'settings', mountPath: SETTINGS_DIRECTORY, readOnly: true },
    ...podSecrets(row, spec).map(({ folder }) => ({
      name: folder,
      mountPath: `${SECRETS_DIRECTORY}/${folder}`,
      readOnly: true,
    })),
    { name: 'tmp', mountPath: '/tmp' },
    ...(row.storage === undefined ? [] : [{ name: 'data', mountPath: '/data' }]),
  ];
}
