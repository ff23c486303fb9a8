import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { CATALOGUE, catalogueRow, type Peer } from '../../services/shared/contracts/catalogue.ts';
import { STRANGER_PORT, strangerPod, tryConnections } from './connection.ts';
import { createKubectl } from './kubectl.ts';

const { place, kubectlOptions, image, operatorNamespace, strangerNamespace } = inject('e2e');
const kubectl = createKubectl(kubectlOptions);
const STRANGER = 'stranger';

const running = CATALOGUE.filter((row) => row.update !== 'Job');
const targets: readonly Peer[] = ['redis', 'postgres', ...running.map((row) => row.name)];
/**
 * Targets that no service needs. A pod without a policy reaches them, which proves that they exist and that the
 * policies are what blocks them.
 */
const outside = ['API server', 'operator', 'stranger'] as const;
/** Addresses instead of names, so that only the policies block a pod that may not query the resolver. */
const addresses = new Map<Peer | (typeof outside)[number], string>();

beforeAll(async () => {
  for (const target of targets) {
    const service = target === 'redis' || target === 'postgres' ? target : `${place.name}-${target}`;
    const path = [
      '-n',
      place.namespace,
      'get',
      'service',
      service,
      '-o',
      'jsonpath={.spec.clusterIP}:{.spec.ports[0].port}',
    ];
    const address = await kubectl.run(...path);
    const [ip = '', port = ''] = address.split(':');
    addresses.set(target, ip === 'None' ? `${await podAddress(place.namespace, target)}:${port}` : address);
  }
  for (const namespace of [place.namespace, strangerNamespace]) {
    await kubectl.apply(strangerPod(STRANGER, namespace, image));
    await kubectl.run('-n', namespace, 'wait', '--for=condition=Ready', `pod/${STRANGER}`, '--timeout=25s');
  }
  const apiServer = [
    '-n',
    'default',
    'get',
    'service',
    'kubernetes',
    '-o',
    'jsonpath={.spec.clusterIP}:{.spec.ports[0].port}',
  ];
  addresses.set('API server', await kubectl.run(...apiServer));
  const operator = await podAddress(operatorNamespace, 'tradingstack-operator');
  addresses.set('operator', `${operator}:8080`);
  addresses.set('stranger', `${await podAddress(strangerNamespace, STRANGER)}:${STRANGER_PORT}`);
});

afterAll(async () => {
  for (const namespace of [place.namespace, strangerNamespace]) {
    await kubectl.run('-n', namespace, 'delete', 'pod', STRANGER, '--grace-period=0', '--force', '--wait=true');
  }
});

test.each([place.namespace, strangerNamespace])(
  'a pod that the catalogue does not list, in namespace %s, cannot reach any process of the stack',
  async (namespace) => {
    const results = await probeTargets(namespace, STRANGER);
    expect(Object.keys(results)).toEqual([...targets, ...outside]);
    for (const target of targets) expect(results[target], target).toMatch(/^closed/);
    for (const target of outside) expect(results[target], target).toBe('open');
  },
);

test.each(running.map((row) => row.name))('%s reaches exactly the peers in the catalogue', async (from) => {
  const selector = `tradingstack.dev/service=${from},tradingstack.dev/stack=${place.name}`;
  const only = ['-l', selector, '--field-selector=status.phase=Running'];
  const pods = await kubectl.run('-n', place.namespace, 'get', 'pods', '-o', 'name', ...only);
  const results = await probeTargets(place.namespace, pods.trim().split('\n').at(-1)?.replace('pod/', '') ?? '');
  const open = [...targets, ...outside].filter((target) => target !== from && results[target] === 'open');
  expect(open.toSorted()).toEqual([...catalogueRow(from).peers].toSorted());
});

test('every pod is admitted in a namespace that enforces the restricted Pod Security profile', async () => {
  const namespace = await kubectl.json<{ metadata: { labels: Record<string, string> } }>(
    'get',
    'namespace',
    place.namespace,
  );
  expect(namespace.metadata.labels['pod-security.kubernetes.io/enforce']).toBe('restricted');
  const pods = await kubectl.run('-n', place.namespace, 'get', 'pods', '-o', 'name');
  expect(pods.trim().split('\n').length).toBeGreaterThanOrEqual(running.length + 2);
});

/** Returns, per target, whether the pod can open a connection to it. */
async function probeTargets(namespace: string, pod: string): Promise<Readonly<Record<string, string>>> {
  const results = await tryConnections(kubectl, { namespace, pod }, [...addresses.values()]);
  return Object.fromEntries([...addresses].map(([target, address]) => [target, results[address] ?? 'not tried']));
}

/** Returns the address of the first pod of that name, because a headless Service has no address of its own. */
async function podAddress(namespace: string, name: string): Promise<string> {
  const first = ['-l', `app.kubernetes.io/name=${name}`, '-o', 'jsonpath={.items[0].status.podIP}'];
  return await kubectl.run('-n', namespace, 'get', 'pods', ...first);
}
