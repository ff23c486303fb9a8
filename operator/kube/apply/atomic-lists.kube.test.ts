import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { virtualClock } from '../../../test/harness/virtual-clock.ts';
import { newNamespace, testKubeClient } from '../../../test/harness/kube/kube-client.ts';
import { networkPolicies } from '../client/builtin-resources.ts';
import type { KubeClient } from '../client/client.ts';
import type { KubeObject, Stored } from '../client/resource.ts';
import { applyIfChanged } from './apply.ts';
import { createContention, type Contention } from './contention.ts';

let client: KubeClient;
let namespace: string;
beforeAll(async () => {
  client = testKubeClient();
  namespace = await newNamespace(client, 'lists');
});
afterAll(async () => {
  await client.close();
});

const port = { port: 80, protocol: 'TCP' };
const spec = {
  podSelector: { matchLabels: { a: 'b' } },
  policyTypes: ['Ingress', 'Egress'],
  ingress: [{ from: [{ podSelector: { matchLabels: { a: 'c' } } }], ports: [port] }],
  egress: [{ ports: [port] }],
};
const allPeers = { namespaceSelector: {} };
const ranged = { ingress: [{ ...spec.ingress[0], ports: [{ ...port, endPort: 65_535 }] }] };
const CHANGES: readonly (readonly [what: string, change: object, path: string])[] = [
  [
    'whose peer was opened to every namespace',
    { ingress: [{ ...spec.ingress[0], from: [{ ...spec.ingress[0]?.from[0], ...allPeers }] }] },
    'spec.ingress.0.from.0.namespaceSelector',
  ],
  ['whose port was made a range', ranged, 'spec.ingress.0.ports.0.endPort'],
  ['whose rule was moved to other peers', { egress: [{ ports: [port], to: [allPeers] }] }, 'spec.egress.0.to'],
];

async function policy(name: string, memory?: Contention) {
  const metadata = { namespace, name };
  const desired = { metadata, spec } as KubeObject;
  const contention = memory === undefined ? {} : { contention: { memory, key: 'stack' } };
  const names = { fieldManager: 'example-children', hashAnnotation: 'example.dev/applied-hash', ...contention };
  const apply = async (observed?: Stored) =>
    await applyIfChanged<KubeObject>({ client, resource: networkPolicies, observed, desired, ...names });
  const { object } = await apply();
  const change = async (to: object) =>
    await client.mergePatch(networkPolicies, metadata, { spec: to }, { fieldManager: 'person' });
  return { object, apply, change };
}

describe('a policy', () => {
  it.each(CHANGES)('%s is closed again, and then nothing is written', async (_what, change, path) => {
    const { object, apply, change: changeTo } = await policy(path.toLowerCase());
    const repaired = await apply(await changeTo(change));
    expect([repaired.result, repaired.drift]).toEqual(['repaired', { path: path.split('.'), managers: ['person'] }]);
    expect(repaired.object).toHaveProperty('spec', (object as { readonly spec?: unknown }).spec);
    expect((await apply(repaired.object)).result).toBe('unchanged');
  });
});

it('is left alone for a while once it is opened repeatedly, and then closed again', async () => {
  const clock = virtualClock();
  const memory = createContention({ clock });
  const { apply, change } = await policy('contested', memory);
  const fight = async () => (await apply(await change(ranged))).result;
  expect([await fight(), await fight(), await fight(), await fight()]).toEqual([
    'repaired',
    'repaired',
    'repaired',
    'contested',
  ]);
  expect(memory.contested('stack')).toMatchObject([{ kind: 'NetworkPolicy', name: 'contested', managers: ['person'] }]);
  await clock.advance(5_000);
  expect(await fight()).toBe('repaired');
});
