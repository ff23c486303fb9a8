import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { newNamespace, silentLog, testKubeClient } from '../../../test/harness/kube/kube-client.ts';
import { systemClock } from '../../../services/shared/runtime/clock.ts';
import { applyIfChanged } from '../apply/apply.ts';
import { configMaps } from '../client/builtin-resources.ts';
import type { KubeClient } from '../client/client.ts';
import { createController } from './controller.ts';
import { createLastWritten } from '../cache/last-written.ts';
import { createReflector } from '../cache/reflector.ts';
import { keyOf, type Stored } from '../client/resource.ts';

let client: KubeClient;
let namespace: string;

beforeAll(async () => {
  client = testKubeClient();
  namespace = await newNamespace(client, 'controller');
});

afterAll(async () => {
  await client.close();
});

function follow(role: string) {
  const labelSelector = `role=${role}`;
  return createReflector({
    client,
    resource: configMaps,
    namespace,
    labelSelector,
    clock: systemClock,
    log: silentLog,
  });
}

function childOf(parent: Stored, size: string) {
  const { name, uid } = parent.metadata;
  const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name, uid, controller: true }];
  return { metadata: { namespace, name: `${name}-child`, labels: { role: 'child' }, ownerReferences }, data: { size } };
}

/** Runs a controller that gives each parent one child of the same size, wired as in an operator. */
async function startParentController() {
  const parents = follow('parent');
  const children = follow('child');
  const lastWritten = createLastWritten({ clock: systemClock });
  const writes: string[] = [];
  const controller = createController({
    name: 'parent',
    clock: systemClock,
    log: silentLog,
    lastWritten,
    reconcile: async (key) => {
      const parent = parents.store.get(key);
      if (parent === undefined) return {};
      const observed = children.store.ownedBy(parent.metadata.uid)[0];
      const desired = childOf(parent, parent.data?.['size'] ?? '');
      const names = { fieldManager: 'example-parent', hashAnnotation: 'example.dev/applied-hash' };
      const { result, object } = await applyIfChanged({ client, resource: configMaps, observed, desired, ...names });
      if (result !== 'unchanged') {
        writes.push(`${result} ${object.metadata.name} ${object.data?.['size'] ?? ''}`);
        lastWritten.expectWritten(key, children, object);
      }
      return {};
    },
  });
  parents.onChange(({ key }) => controller.enqueue(key));
  children.onChange(() => parents.store.list().forEach((parent) => controller.enqueue(keyOf(parent))));
  parents.start();
  children.start();
  await Promise.all([parents.synced(), children.synced()]);
  const stop = new AbortController();
  const running = controller.run(stop.signal);
  onTestFinished(async () => {
    stop.abort();
    await Promise.all([running, parents.stop(), children.stop()]);
  });
  return { controller, writes };
}

it('creates, updates, repairs and recreates a child with one write each', async () => {
  const { controller, writes } = await startParentController();
  const parent = { namespace, name: 'p' };
  const child = { namespace, name: 'p-child' };
  const desired = { metadata: { ...parent, labels: { role: 'parent' } }, data: { size: '1' } };
  await client.apply(configMaps, desired, { fieldManager: 'user' });
  await expect.poll(() => writes).toEqual(['created p-child 1']);
  // A reconcile right after the write must see that write and not repeat it.
  for (let burst = 0; burst < 50; burst += 1) {
    controller.enqueue(keyOf(parent));
    await systemClock.sleep(2);
  }
  await client.mergePatch(configMaps, parent, { data: { size: '2' } });
  await expect.poll(() => writes.at(-1)).toBe('updated p-child 2');
  await client.mergePatch(configMaps, child, { data: { size: 'by hand', foreign: 'kept' } });
  await expect.poll(() => writes.length).toBe(3);
  expect((await client.get(configMaps, child)).data).toEqual({ size: '2', foreign: 'kept' });
  await client.delete(configMaps, child);
  await expect.poll(() => writes.length).toBe(4);
  await expect.poll(() => controller.idle()).toBe(true);
  await systemClock.sleep(300);
  expect(writes).toEqual(['created p-child 1', 'updated p-child 2', 'repaired p-child 2', 'created p-child 2']);
});
