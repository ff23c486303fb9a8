import { expect, it, onTestFinished } from 'vitest';
import { newNamespace, silentLog, testKubeClient } from '../../../test/harness/kube/kube-client.ts';
import { severableServer } from '../../../test/harness/kube/severable-server.ts';
import { systemClock } from '../../../services/shared/runtime/clock.ts';
import { configMaps } from '../client/builtin-resources.ts';
import type { KubeClient } from '../client/client.ts';
import type { KubeObject } from '../client/resource.ts';
import { createLastWritten } from '../cache/last-written.ts';
import { createReflector } from '../cache/reflector.ts';
import { createController } from './controller.ts';

const common = { clock: systemClock, log: silentLog };

it('does not repeat a write that the cache does not show, and lists when its watch does not deliver it', async () => {
  const admin = testKubeClient();
  const server = await severableServer();
  const watching = testKubeClient({ kubeConfig: server.kubeConfig });
  const namespace = await newNamespace(admin, 'stale');
  const client: Pick<KubeClient, 'list' | 'watch'> = {
    list: (...parameters) => admin.list(...parameters),
    watch: (...parameters) => watching.watch(...parameters),
  };
  const children = createReflector<KubeObject>({ client, resource: configMaps, namespace, ...common });
  // The list shows what the watch does not deliver within 5 s, and must do so before the write is given up.
  const lastWritten = createLastWritten({ clock: systemClock, boundMs: 3_000 });
  const sizes: number[] = [];
  /** Creates a child if the cache has none. */
  const reconcile = async (key: string) => {
    sizes.push(children.store.size);
    if (children.store.size > 0) return {};
    const child = await admin.create(configMaps, { metadata: { namespace, generateName: 'child-' } });
    lastWritten.expectWritten(key, children, child);
    return {};
  };
  const controller = createController({ name: 'stale', reconcile, ...common, lastWritten });
  const stop = new AbortController();
  children.start();
  await children.synced();
  await expect.poll(() => server.connections()).toBe(1);
  server.freeze();
  const running = controller.run(stop.signal);
  const changes = setInterval(() => controller.enqueue('parent'), 20);
  onTestFinished(async () => {
    clearInterval(changes);
    stop.abort();
    await Promise.all([running, children.stop()]);
    await Promise.all([watching.close(), server.close(), admin.close()]);
  });
  await expect.poll(() => sizes.length, { timeout: 20_000 }).toBeGreaterThan(5);
  expect(sizes.slice(0, 2), 'no reconcile saw the cache without the child').toEqual([0, 1]);
  expect((await admin.list(configMaps, { namespace })).items).toHaveLength(1);
});
