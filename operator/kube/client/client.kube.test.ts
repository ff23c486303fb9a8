import { KubeConfig } from '@kubernetes/client-node';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { newNamespace, testKubeClient, testKubeConfig } from '../../../test/harness/kube/kube-client.ts';
import { severableServer } from '../../../test/harness/kube/severable-server.ts';
import { defineWidgets } from '../../../test/harness/kube/controller-layer/widgets.ts';
import { configMaps, podDisruptionBudgets, pods } from './builtin-resources.ts';
import type { KubeClient } from './client.ts';
import { isKubeError } from './kube-error.ts';
import type { KubeObject } from './resource.ts';

let client: KubeClient;
let namespace: string;

beforeAll(async () => {
  client = testKubeClient();
  namespace = await newNamespace(client, 'client');
});

afterAll(async () => {
  await client.close();
});

it('creates, reads, lists, patches and deletes', async () => {
  const created = await client.create(configMaps, {
    metadata: { namespace, name: 'crud' },
    data: { a: '1' },
  } as KubeObject);
  expect(created.metadata.uid).not.toBe('');
  const ref = { namespace, name: 'crud' };
  const patched = await client.mergePatch(configMaps, ref, { data: { b: '2' } });
  expect(patched.data).toEqual({ a: '1', b: '2' });
  const list = await client.list(configMaps, { namespace });
  expect(list.items.map((item) => [item.apiVersion, item.kind, item.metadata.name])).toContainEqual([
    'v1',
    'ConfigMap',
    'crud',
  ]);
  await client.delete(configMaps, ref);
  await client.delete(configMaps, ref);
  expect(await client.find(configMaps, ref)).toBeUndefined();
});

it('stores nothing in a dry run, and refuses fields that the server does not know', async () => {
  const [ref, fieldManager] = [{ namespace, name: 'dry' }, 'test'];
  const object = { metadata: ref, data: { a: '1' } } as KubeObject;
  expect((await client.create(configMaps, object, { dryRun: true })).data).toEqual({ a: '1' });
  expect((await client.apply(configMaps, object, { fieldManager, dryRun: true })).data).toEqual({ a: '1' });
  expect(await client.find(configMaps, ref)).toBeUndefined();
  const stored = await client.create(configMaps, object);
  expect((await client.mergePatch(configMaps, ref, { data: { a: '2' } }, { dryRun: true })).data).toEqual({ a: '2' });
  expect((await client.removeFields(configMaps, stored, ['/data/a'], { dryRun: true })).data).toBeUndefined();
  const field = { pointer: '/data/a', value: '2' };
  expect((await client.replaceField(configMaps, stored, field, { dryRun: true })).data).toEqual({ a: '2' });
  expect((await client.get(configMaps, ref)).data).toEqual({ a: '1' });
  const unknown = client.create(configMaps, { ...object, speed: 1 } as KubeObject, { dryRun: true });
  await expect(unknown).rejects.toMatchObject({ code: 'BadRequest', message: expect.stringContaining('"speed"') });
  const wrong = client.mergePatch(configMaps, ref, { data: { 'a b': '2' } }, { dryRun: true });
  const cause = { field: 'data[a b]', message: expect.stringContaining('Invalid value: "a b": a valid config key') };
  await expect(wrong).rejects.toMatchObject({ code: 'Invalid', causes: [cause] });
});

it('reads every page of a list', async () => {
  for (let index = 0; index < 7; index += 1) {
    await client.create(configMaps, { metadata: { namespace, name: `page-${index}`, labels: { page: 'yes' } } });
  }
  const list = await client.list(configMaps, { namespace, labelSelector: 'page=yes', pageSize: 2 });
  expect(list.items.map((item) => item.metadata.name)).toEqual([0, 1, 2, 3, 4, 5, 6].map((index) => `page-${index}`));
});

it('takes the error code from the reason that the server reports', async () => {
  const object = { metadata: { namespace, name: 'twice' } };
  await client.create(configMaps, object);
  await expect(client.create(configMaps, object)).rejects.toMatchObject({ code: 'AlreadyExists', status: 409 });
  await expect(client.get(configMaps, { namespace, name: 'none' })).rejects.toMatchObject({ code: 'NotFound' });
  await expect(
    client.mergePatch(
      configMaps,
      { namespace, name: 'twice' },
      { metadata: { resourceVersion: '1' }, data: { a: 'b' } },
    ),
  ).rejects.toMatchObject({ code: 'Conflict' });
  const invalid = { metadata: { namespace, name: 'Not_A_Name' } };
  await expect(client.create(configMaps, invalid)).rejects.toMatchObject({ code: 'Invalid', status: 422 });
  const otherUid = { uid: '00000000-0000-0000-0000-000000000000' };
  await expect(client.delete(configMaps, { namespace, name: 'twice' }, otherUid)).rejects.toMatchObject({
    code: 'Conflict',
  });
});

it('rejects with Forbidden if permissions are missing', async () => {
  const kubeConfig = testKubeConfig();
  const cluster = kubeConfig.getCurrentCluster();
  const anonymous = new KubeConfig();
  anonymous.loadFromClusterAndUser(cluster ?? expect.fail('no cluster'), { name: 'nobody' });
  const unprivileged = testKubeClient({ kubeConfig: anonymous });
  await expect(unprivileged.list(pods)).rejects.toMatchObject({ code: 'Forbidden', status: 403 });
  await unprivileged.close();
});

it('changes finalizers only if the object is unchanged', async () => {
  const first = await client.create(configMaps, { metadata: { namespace, name: 'final' } });
  const held = await client.setFinalizers(configMaps, first, ['example.dev/hold']);
  expect(held.metadata.finalizers).toEqual(['example.dev/hold']);
  await expect(client.setFinalizers(configMaps, first, [])).rejects.toSatisfy((e) => isKubeError(e, 'Conflict'));
  await client.delete(configMaps, { namespace, name: 'final' });
  const terminating = await client.get(configMaps, { namespace, name: 'final' });
  expect(terminating.metadata.deletionTimestamp).toMatch(/^\d{4}-/u);
  await client.setFinalizers(configMaps, terminating, []);
  expect(await client.find(configMaps, { namespace, name: 'final' })).toBeUndefined();
});

it('makes 200 calls over two connections', async () => {
  const proxy = await severableServer();
  const proxied = testKubeClient({ kubeConfig: proxy.kubeConfig, maxConnections: 2 });
  for (let round = 0; round < 20; round += 1) {
    await Promise.all(Array.from({ length: 10 }, () => proxied.list(configMaps, { namespace })));
  }
  expect(proxy.connections()).toBeLessThanOrEqual(2);
  await proxied.close();
  await proxy.close();
});

it('applies a custom resource and its status separately', async () => {
  const widgets = await defineWidgets(client, 'widget');
  const ref = { namespace, name: 'w' };
  const spec = {
    apiVersion: 'example.dev/v1',
    kind: 'Widget',
    metadata: ref,
    spec: { size: 3, kept: { any: 'thing' } },
  };
  const applied = await client.apply(widgets, spec, { fieldManager: 'spec-writer' });
  expect(applied.metadata.generation).toBe(1);
  const withStatus = { metadata: ref, status: { phase: 'Ready' } } as KubeObject;
  const written = await client.apply(widgets, withStatus, { fieldManager: 'status-writer', status: true });
  expect(written).toMatchObject({ spec: { size: 3, kept: { any: 'thing' } }, status: { phase: 'Ready' } });
  expect(written.metadata.generation).toBe(1);
  const again = await client.apply(widgets, withStatus, { fieldManager: 'status-writer', status: true });
  expect(again.metadata.resourceVersion).toBe(written.metadata.resourceVersion);
  const outdated = { ...withStatus, metadata: { ...ref, resourceVersion: applied.metadata.resourceVersion } };
  await expect(
    client.apply(widgets, { ...outdated, status: { phase: 'Old' } } as KubeObject, {
      fieldManager: 'status-writer',
      status: true,
    }),
  ).rejects.toMatchObject({ code: 'Conflict' });
});

it('removes and replaces fields of the status', async () => {
  const metadata = { namespace, name: 'patched' };
  const { spec } = await client.create(podDisruptionBudgets, { metadata, spec: { maxUnavailable: 1 } } as KubeObject);
  const counts = { currentHealthy: 1, desiredHealthy: 1, disruptionsAllowed: 1, expectedPods: 1 };
  const status = { ...counts, observedGeneration: 1 };
  const stored = await client.mergePatch(podDisruptionBudgets, metadata, { status }, { status: true });
  const pointers = ['/status/observedGeneration'];
  const reduced = await client.removeFields(podDisruptionBudgets, stored, pointers, { status: true });
  expect(reduced.status).toEqual(counts);
  const field = { pointer: '/status/expectedPods', value: 2 };
  const replaced = await client.replaceField(podDisruptionBudgets, reduced, field, { status: true });
  expect([replaced.status, replaced.spec]).toEqual([{ ...counts, expectedPods: 2 }, spec]);
});
