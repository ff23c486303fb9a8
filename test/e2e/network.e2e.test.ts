import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { CATALOGUE, catalogueRow, type Peer } from '../../services/shared/contracts/catalogue.ts';
import { strangerPod, tryConnection, type Target } from './connection.ts';
import { createKubectl } from './kubectl.ts';

const { place, kubectlOptions, image, strangerNamespace } = inject('e2e');
const kubectl = createKubectl(kubectlOptions);
const STRANGER = 'stranger';

const running = CATALOGUE.filter((row) => row.update !== 'Job');
const targets: readonly Peer[] = ['redis', 'postgres', ...running.map((row) => row.name)];

beforeAll(async () => {
  for (const namespace of [place.namespace, strangerNamespace]) {
    await kubectl.apply(strangerPod(STRANGER, namespace, image));
    await kubectl.run('-n', namespace, 'wait', '--for=condition=Ready', `pod/${STRANGER}`, '--timeout=25s');
  }
});

afterAll(async () => {
  for (const namespace of [place.namespace, strangerNamespace]) {
    await kubectl.run('-n', namespace, 'delete', 'pod', STRANGER, '--grace-period=0', '--force', '--wait=true');
  }
});

describe.each([place.namespace, strangerNamespace])('a pod outside the edges, in namespace %s', (namespace) => {
  test.each(targets)('cannot reach %s', async (target) => {
    const seen = await tryConnection(kubectl, { namespace, pod: STRANGER }, addressOf(target));
    expect(seen).toMatch(/^closed/);
  });
});

describe.each(running.map((row) => row.name))('%s', (from) => {
  test.each(targets.filter((target) => target !== from))(
    `reaches %s only where the catalogue has the edge`,
    async (target) => {
      const pods = await kubectl.run('-n', place.namespace, 'get', 'pods', '-o', 'name', ...selectorOf(from));
      const pod = pods.trim().split('\n').at(-1)?.replace('pod/', '') ?? '';
      const seen = await tryConnection(kubectl, { namespace: place.namespace, pod }, addressOf(target));
      expect(seen).toMatch(catalogueRow(from).peers.includes(target) ? /^open/ : /^closed/);
    },
  );
});

test('every pod was admitted in a namespace that enforces the restricted profile', async () => {
  const namespace = await kubectl.json<{ metadata: { labels: Record<string, string> } }>(
    'get',
    'namespace',
    place.namespace,
  );
  expect(namespace.metadata.labels['pod-security.kubernetes.io/enforce']).toBe('restricted');
  const pods = await kubectl.run('-n', place.namespace, 'get', 'pods', '-o', 'name');
  expect(pods.trim().split('\n').length).toBeGreaterThanOrEqual(running.length + 2);
});

function addressOf(target: Peer): Target {
  const domain = `${place.namespace}.svc.cluster.local`;
  if (target === 'redis') return { host: `redis.${domain}`, port: 6379 };
  if (target === 'postgres') return { host: `postgres.${domain}`, port: 5432 };
  return { host: `${place.name}-${target}.${domain}`, port: catalogueRow(target).port };
}

function selectorOf(service: string): readonly string[] {
  return [
    '-l',
    `tradingstack.dev/service=${service},tradingstack.dev/stack=${place.name}`,
    '--field-selector=status.phase=Running',
  ];
}
