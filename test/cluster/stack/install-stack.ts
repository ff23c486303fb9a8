import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { OPERATOR_NAME } from '../../../operator/api/v1alpha1/labels.ts';
import type { BuiltImage } from '../image/build-image.ts';
import type { Cluster } from '../cluster.ts';
import type { KubePrograms } from '../kube-programs.ts';
import type { Progress } from '../process/step.ts';
import type { StackView } from './stack-line.ts';

const root = resolve(import.meta.dirname, '../../..');
const operatorNamespace = 'tradingstack-system';

/** The sample that `npm start` runs. */
export const sampleStack = { namespace: 'trading', name: 'demo' } as const;

export interface InstallOptions {
  readonly cluster: Cluster;
  readonly kube: KubePrograms;
  readonly image: BuiltImage;
  readonly progress: Progress;
  /** Where the platform goes; the sample's own namespace if nothing is said. */
  readonly namespace?: string;
}

/**
 * Installs or upgrades the platform's and the operator's charts, each into a namespace that admits restricted pods
 * only. The operator is one for the cluster: two calls at the same time break each other.
 */
export async function installCharts(options: InstallOptions): Promise<void> {
  const { kube, progress, image, namespace = sampleStack.namespace } = options;
  await prepareNamespaces(options, [namespace, operatorNamespace]);
  await progress.step('charts operator and platform', async ({ logFile }) => {
    const ports = ['--set', `apiServerPorts={${(await apiServerPorts(kube)).join(',')}}`];
    await Promise.all([
      kube.helm([...upgrade('operator', operatorNamespace), '--set-string', `image=${image.reference}`, ...ports], {
        logFile,
      }),
      upgradePlatform(options, namespace, logFile),
    ]);
  });
}

/** Installs or upgrades only the platform's chart, for a further namespace of a cluster that has the operator. */
export async function installPlatform(
  options: Omit<InstallOptions, 'image'> & { readonly namespace: string },
): Promise<void> {
  const { progress, namespace } = options;
  await prepareNamespaces(options, [namespace]);
  await progress.step(
    `chart platform in ${namespace}`,
    async ({ logFile }) => await upgradePlatform(options, namespace, logFile),
  );
}

async function prepareNamespaces(
  { kube, progress }: Pick<InstallOptions, 'kube' | 'progress'>,
  namespaces: readonly string[],
): Promise<void> {
  await progress.step('namespaces', async ({ logFile }) => {
    const documents = namespaces.map(restrictedNamespace);
    await kube.kubectl(['apply', '-f', '-'], {
      input: documents.map((document) => JSON.stringify(document)).join('\n---\n'),
      logFile,
    });
  });
  await forgetUnfinished(kube, namespaces);
}

async function upgradePlatform(
  { kube, cluster }: Pick<InstallOptions, 'kube' | 'cluster'>,
  namespace: string,
  logFile: string,
): Promise<void> {
  const images = Object.entries({ 'redis.image': cluster.images.redis, 'postgres.image': cluster.images.postgres });
  const settings = images.flatMap(([name, value]) => (value === undefined ? [] : ['--set-string', `${name}=${value}`]));
  await kube.helm([...upgrade('platform', namespace), ...settings], { logFile });
}

/** Applies `manifests/samples/paper.yaml` with the image that was built. */
export async function applySample(kube: KubePrograms, image: BuiltImage): Promise<void> {
  const documents = renderSample(readFileSync(join(root, 'manifests/samples/paper.yaml'), 'utf8'), image);
  await kube.kubectl(['apply', '-f', '-'], { input: documents });
}

/** The sample's documents, as JSON, with the release that is to run. */
export function renderSample(yaml: string, image: Pick<BuiltImage, 'reference' | 'version'>): string {
  const documents = parseAllDocuments(yaml).map((document) => document.toJS() as { kind: string; spec?: object });
  const release = { image: image.reference, version: image.version };
  return documents
    .map((document) =>
      document.kind === 'TradingStack' ? { ...document, spec: { ...document.spec, release } } : document,
    )
    .map((document) => JSON.stringify(document))
    .join('\n---\n');
}

export async function readStack(kube: Pick<KubePrograms, 'kubectl'>): Promise<StackView> {
  const { namespace, name } = sampleStack;
  return JSON.parse(await kube.kubectl(['-n', namespace, 'get', 'tradingstack', name, '-o', 'json'])) as StackView;
}

/** When the leading operator last said that it is there; empty where none ever did. */
export async function readOperatorRenewal(kube: Pick<KubePrograms, 'kubectl'>): Promise<string> {
  const lease = ['lease', OPERATOR_NAME, '--ignore-not-found', '-o', 'jsonpath={.spec.renewTime}'];
  return kube.kubectl(['-n', operatorNamespace, 'get', ...lease]);
}

/** Deletes the stack and waits until the operator has taken everything of it away. */
export async function deleteStack(kube: KubePrograms): Promise<void> {
  const { namespace, name } = sampleStack;
  await kube.kubectl(['-n', namespace, 'delete', 'tradingstack', name, '--ignore-not-found', '--timeout=180s']);
}

/** Network policies judge by the port behind the API server's Service, which each cluster chooses itself. */
export async function apiServerPorts(kube: Pick<KubePrograms, 'kubectl'>): Promise<readonly number[]> {
  const slices = ['-n', 'default', 'get', 'endpointslices', '-l', 'kubernetes.io/service-name=kubernetes'];
  const ports = await kube.kubectl([...slices, '-o', 'jsonpath={.items[*].ports[*].port}']);
  return [...new Set([443, ...ports.split(/\s+/).filter(Boolean).map(Number)])];
}

/** Deletes pending revisions. An interrupted helm leaves one, and it blocks every later revision. */
async function forgetUnfinished(kube: KubePrograms, namespaces: readonly string[]): Promise<void> {
  const ours = `name in (${releaseOf('operator')},${releaseOf('platform')})`;
  const unfinished = `owner=helm,${ours},status in (pending-install,pending-upgrade,pending-rollback)`;
  for (const namespace of namespaces) await kube.kubectl(['-n', namespace, 'delete', 'secret', '-l', unfinished]);
}

type Chart = 'operator' | 'platform';

function releaseOf(chart: Chart): string {
  return chart === 'operator' ? 'tradingstack-operator' : chart;
}

function upgrade(chart: Chart, namespace: string): string[] {
  return [
    'upgrade',
    '--install',
    releaseOf(chart),
    join(root, 'charts', chart),
    '--namespace',
    namespace,
    '--wait',
    '--timeout',
    '5m',
  ];
}

function restrictedNamespace(name: string): object {
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}
