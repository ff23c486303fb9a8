import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderedObjects } from '../../../test/fixtures/children/rendered-children.ts';
import { stackContext } from '../../../test/fixtures/stack-observation.ts';
import { newNamespace, testKubeClient } from '../../../test/harness/kube/kube-client.ts';
import { virtualClock } from '../../../test/harness/virtual-clock.ts';
import { applyIfChanged } from '../../kube/apply/apply.ts';
import { createContention, type Contention } from '../../kube/apply/contention.ts';
import type { KubeClient } from '../../kube/client/client.ts';
import type { KubeObject, Stored } from '../../kube/client/resource.ts';
import type { ChildKind } from '../../resources/child-object.ts';
import { CHILD_RESOURCES } from '../caches/stack-caches.ts';
import { EXCLUSIVE_FIELDS } from './exclusive-fields.ts';

let client: KubeClient;
let namespace: string;
beforeAll(async () => {
  client = testKubeClient();
  namespace = await newNamespace(client, 'exclusive');
});
afterAll(async () => {
  await client.close();
});

/** An object of the sample stack under another name, as the operator applies it, and what a person does to it. */
async function child(kind: ChildKind, memory?: Contention) {
  const golden = renderedObjects(stackContext()).findLast((object) => object.kind === kind);
  const ref = { namespace, name: `child-${randomUUID().slice(0, 8)}` };
  const desired = { ...golden, metadata: { ...golden?.metadata, ...ref } };
  const resource = CHILD_RESOURCES[kind];
  const names = { fieldManager: 'example-children', hashAnnotation: 'example.dev/applied-hash' };
  const exclusive = EXCLUSIVE_FIELDS[kind] ?? { path: ['none'], except: [] };
  const limits = memory === undefined ? {} : { contention: { memory, key: 'stack' } };
  const apply = async (observed?: Stored) =>
    await applyIfChanged<KubeObject>({ client, resource, observed, desired, exclusive, ...names, ...limits });
  const { object } = await apply();
  const change = async (spec: object) =>
    await client.mergePatch<KubeObject>(resource, ref, { spec }, { fieldManager: 'person' });
  return { object, apply, change };
}

/** A Service without an address gets another one. */
const specOf = (object: KubeObject): unknown =>
  JSON.parse(JSON.stringify(object, (key, value: unknown) => (key.startsWith('clusterIP') ? 'allocated' : value))).spec;

describe('an object of a stack', () => {
  it.each<[ChildKind, string, object]>([
    ['Deployment', 'paused', { paused: true }],
    ['Deployment', 'progressDeadlineSeconds', { progressDeadlineSeconds: 86_400 }],
    ['Deployment', 'minReadySeconds', { minReadySeconds: 300 }],
    ['Deployment', 'template.spec.hostPID', { template: { spec: { hostPID: true, shareProcessNamespace: false } } }],
    ['Service', 'externalIPs', { externalIPs: ['192.0.2.1'] }],
    ['Service', 'publishNotReadyAddresses', { publishNotReadyAddresses: true }],
    ['Service', 'sessionAffinity', { sessionAffinity: 'ClientIP' }],
    ['PodDisruptionBudget', 'unhealthyPodEvictionPolicy', { unhealthyPodEvictionPolicy: 'AlwaysAllow' }],
    ['PodDisruptionBudget', 'minAvailable', { minAvailable: 1, maxUnavailable: null }],
    // Valid only together with the type that each belongs to.
    ['Service', 'externalName', { type: 'ExternalName', externalName: 'example.com' }],
    ['Deployment', 'strategy.rollingUpdate', { strategy: { type: 'RollingUpdate' } }],
    ['Job', 'suspend', { suspend: true }],
    ['Job', 'activeDeadlineSeconds', { activeDeadlineSeconds: 1 }],
  ])('loses what another writer adds: %s spec.%s', async (kind, _path, spec) => {
    const { object, apply, change } = await child(kind);
    const repaired = await apply(await change(spec));
    expect([repaired.result, repaired.drift?.managers]).toEqual(['repaired', ['person']]);
    expect(specOf(repaired.object)).toEqual(specOf(object));
    expect((await apply(repaired.object)).result).toBe('unchanged');
  });

  it.each<[ChildKind, string, object]>([
    ['Service', 'ipFamilyPolicy', { ipFamilyPolicy: 'PreferDualStack' }],
    [
      'Deployment',
      'template.metadata.annotations',
      { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': 'now' } } } },
    ],
  ])('keeps what a cluster administrator may change: %s spec.%s', async (kind, _path, spec) => {
    const { apply, change } = await child(kind);
    expect((await apply(await change(spec))).result).toBe('unchanged');
  });

  it('is left alone for a while once it is paused repeatedly', async () => {
    const clock = virtualClock();
    const memory = createContention({ clock });
    const { apply, change } = await child('Deployment', memory);
    const fight = async () => (await apply(await change({ paused: true }))).result;
    expect([await fight(), await fight(), await fight()]).toEqual(['repaired', 'repaired', 'repaired']);
    expect(await fight()).toBe('contested');
    expect(memory.contested('stack')).toMatchObject([{ path: ['spec', 'paused'], managers: ['person'] }]);
    await clock.advance(5_000);
    expect(await fight()).toBe('repaired');
  });
});
