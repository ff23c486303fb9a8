import { afterAll, beforeAll, expect, it } from 'vitest';
import { sampleChildren } from '../../../test/fixtures/sample-children.ts';
import { sampleDeployment } from '../../../test/fixtures/sample-deployment.ts';
import { newNamespace, testKubeClient } from '../../../test/harness/kube/kube-client.ts';
import { applyIfChanged, applyStatusIfChanged } from './apply.ts';
import { deployments, networkPolicies } from '../client/builtin-resources.ts';
import type { KubeClient } from '../client/client.ts';
import type { KubeObject, Resource, Stored } from '../client/resource.ts';

const fieldManager = 'example-children';
const hashAnnotation = 'example.dev/applied-hash';
let client: KubeClient;
let namespace: string;

beforeAll(async () => {
  client = testKubeClient();
  namespace = await newNamespace(client, 'apply');
});

afterAll(async () => {
  await client.close();
});

function apply<T extends KubeObject>(resource: Resource<T>, observed: Stored<T> | undefined, desired: KubeObject) {
  return applyIfChanged({ client, resource, observed, desired, fieldManager, hashAnnotation });
}

it('writes each child of a workload once, and finds no drift in the stored objects', async () => {
  for (const { resource, desired } of sampleChildren(namespace)) {
    const created = await apply(resource, undefined, desired);
    expect([resource.kind, created.result]).toEqual([resource.kind, 'created']);
    const stored = await client.get(resource, { namespace, name: 'child' });
    const again = await apply(resource, stored, desired);
    expect([resource.kind, again.result]).toEqual([resource.kind, 'unchanged']);
    // A repeated apply would create a new generation of a NetworkPolicy with an empty list of rules.
    const after = await client.get(resource, { namespace, name: 'child' });
    expect(after.metadata.resourceVersion).toBe(created.object.metadata.resourceVersion);
  }
});

it('reverts a manual change', async () => {
  const desired = sampleDeployment(namespace, 'repaired');
  const { object } = await apply(deployments, undefined, desired);
  const ref = { namespace, name: 'repaired' };
  const scaled = await client.mergePatch(deployments, ref, { spec: { replicas: 5 } }, { fieldManager: 'person' });
  expect(scaled.spec?.replicas).toBe(5);
  const repaired = await apply(deployments, scaled, desired);
  expect([repaired.result, repaired.object.spec?.replicas]).toEqual(['updated', 1]);
  expect(repaired.object.metadata.uid).toBe(object.metadata.uid);
});

it('keeps fields of other managers, and removes its own fields that are no longer desired', async () => {
  const desired = (labels: Record<string, string>): KubeObject =>
    ({
      spec: sampleDeployment(namespace, 'shared').spec,
      metadata: { namespace, name: 'shared', labels },
    }) as KubeObject;
  await apply(deployments, undefined, desired({ old: 'yes', kept: 'yes' }));
  const ref = { namespace, name: 'shared' };
  const labelled = await client.mergePatch(
    deployments,
    ref,
    { metadata: { labels: { foreign: 'yes' } } },
    { fieldManager: 'person' },
  );
  const next = await apply(deployments, labelled, desired({ kept: 'yes' }));
  expect([next.result, next.object.metadata.labels]).toEqual(['updated', { kept: 'yes', foreign: 'yes' }]);
});

it('writes a status only if it differs, and only on the version it was decided on', async () => {
  const first = (await apply(deployments, undefined, sampleDeployment(namespace, 'status'))).object;
  const status = { observedGeneration: 1, replicas: 1 };
  const write = (observed: typeof first, next: object) =>
    applyStatusIfChanged({ client, resource: deployments, observed, status: next, fieldManager: 'example-status' });
  const written = await write(first, status);
  expect([written.result, written.object.status]).toEqual(['updated', status]);
  expect(await write(written.object, { replicas: 1, observedGeneration: 1 })).toEqual({
    result: 'unchanged',
    object: written.object,
  });
  await expect(write(first, { replicas: 2 })).rejects.toMatchObject({ code: 'Conflict' });
  const reduced = await write(written.object, { replicas: 1 });
  expect(reduced.object.status).toEqual({ replicas: 1 });
});

it('closes a policy again that was opened by hand, and then finds nothing to write', async () => {
  const spec = {
    podSelector: { matchLabels: { a: 'b' } },
    policyTypes: ['Ingress', 'Egress'],
    ingress: [],
    egress: [],
  };
  const ref = { namespace, name: 'deny' };
  const desired = { metadata: ref, spec } as KubeObject;
  const { object } = await apply(networkPolicies, undefined, desired);
  expect((await apply(networkPolicies, object, desired)).result).toBe('unchanged');
  const opened = await client.mergePatch(networkPolicies, ref, { spec: { ingress: [{}], egress: [{}] } });
  expect(opened.spec?.egress).toEqual([{}]);
  const repaired = await apply(networkPolicies, opened, desired);
  expect(repaired.result).toBe('updated');
  expect([repaired.object.spec?.ingress ?? [], repaired.object.spec?.egress ?? []]).toEqual([[], []]);
  expect((await apply(networkPolicies, repaired.object, desired)).result).toBe('unchanged');
});
