import type { Secret, Writing } from '../judges/security/leaked-secrets.ts';
import type { Kubectl } from './kubectl.ts';

interface SecretView {
  readonly metadata: { readonly name: string };
  readonly type?: string;
  readonly data?: Readonly<Record<string, string>>;
}

interface ContainerStatus {
  readonly name: string;
  readonly state?: { readonly waiting?: object; readonly running?: object; readonly terminated?: object };
  readonly lastState?: { readonly terminated?: object };
}

interface PodView {
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly spec: { readonly containers: readonly { readonly ports?: readonly { readonly containerPort: number }[] }[] };
  readonly status: {
    readonly phase: string;
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
  };
}

/** Objects that anybody who may look at the namespace can read. */
const READABLE = 'pods,configmaps,events,tradingstacks';
const SERVICE_LABEL = 'tradingstack.dev/service';

/** Returns every value of the Secrets with values of our own. Helm keeps its releases in Secrets of another type. */
export function secretValues(secrets: readonly SecretView[]): readonly Secret[] {
  return secrets
    .filter(({ type = 'Opaque' }) => type === 'Opaque')
    .flatMap(({ metadata, data = {} }) =>
      Object.entries(data).map(([key, value]) => ({
        name: `${metadata.name}/${key}`,
        value: Buffer.from(value, 'base64').toString(),
      })),
    );
}

/** Containers of a pod of which the cluster has a log: of the present process, and of the one before it. */
export function logsOf({ status }: PodView): readonly { readonly container: string; readonly previous: boolean }[] {
  const statuses = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  return statuses.flatMap(({ name, state, lastState }) => [
    ...(state?.waiting === undefined ? [{ container: name, previous: false }] : []),
    ...(lastState?.terminated === undefined ? [] : [{ container: name, previous: true }]),
  ]);
}

export async function secretsIn(kubectl: Kubectl, namespace: string): Promise<readonly Secret[]> {
  const { items } = await kubectl.json<{ items: readonly SecretView[] }>('-n', namespace, 'get', 'secrets');
  return secretValues(items);
}

/** Returns all that the processes of a namespace have written, and what they and its objects show. */
export async function writingsIn(kubectl: Kubectl, namespace: string): Promise<readonly Writing[]> {
  const { items } = await kubectl.json<{ items: readonly PodView[] }>('-n', namespace, 'get', 'pods');
  const writings = await Promise.all(
    items.map(async (pod) => [...(await logs(kubectl, namespace, pod)), ...(await pages(kubectl, namespace, pod))]),
  );
  const objects = await kubectl.run('-n', namespace, 'get', READABLE, '-o', 'json');
  return [...writings.flat(), { source: `objects of ${namespace}`, text: objects }];
}

const BEFORE = ' before';

/** Returns the containers that have logged something, by any of their processes. Their pages do not count. */
export function logged(writings: readonly Writing[]): readonly string[] {
  const sources = writings.flatMap(({ source, text }) => (text.trim() === '' ? [] : [source.replace(BEFORE, '')]));
  return [...new Set(sources.flatMap((source) => /^[^ /]+\/([^ /]+)$/.exec(source)?.[1] ?? []))];
}

async function logs(kubectl: Kubectl, namespace: string, pod: PodView): Promise<readonly Writing[]> {
  const writings: Writing[] = [];
  for (const { container, previous } of logsOf(pod)) {
    const { name } = pod.metadata;
    const text = await kubectl.run('-n', namespace, 'logs', name, '-c', container, `--previous=${previous}`);
    writings.push({ source: `${name}/${container}${previous ? BEFORE : ''}`, text });
  }
  return writings;
}

/** Only our services have these pages. */
async function pages(kubectl: Kubectl, namespace: string, { metadata, spec, status }: PodView) {
  const port = spec.containers[0]?.ports?.[0]?.containerPort;
  if (metadata.labels?.[SERVICE_LABEL] === undefined || status.phase !== 'Running' || port === undefined) return [];
  const path = `/api/v1/namespaces/${namespace}/pods/${metadata.name}:${port}/proxy`;
  return await Promise.all(
    ['statusz', 'metrics'].map(async (page) => ({
      source: `${metadata.name} /${page}`,
      text: await kubectl.raw(`${path}/${page}`),
    })),
  );
}
