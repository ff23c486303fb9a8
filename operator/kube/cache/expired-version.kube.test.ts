import { expect, it, onTestFinished } from 'vitest';
import { newNamespace, silentLog, testKubeClient } from '../../../test/harness/kube/kube-client.ts';
import { defineWidgets } from '../../../test/harness/kube/controller-layer/widgets.ts';
import { systemClock } from '../../../services/shared/runtime/clock.ts';
import type { KubeClient } from '../client/client.ts';
import { createReflector } from './reflector.ts';

it('lists again when the server no longer has the version of the watch (410), and misses no change', async () => {
  const admin = testKubeClient();
  // A kind that the server serves from a later version on than the first one.
  const widgets = await defineWidgets(admin, 'latecomer');
  const namespace = await newNamespace(admin, 'expired');
  const create = async (name: string) => await admin.create(widgets, { metadata: { namespace, name } });
  await create('deleted');
  await create('kept');
  let lists = 0;
  const codes: string[] = [];
  /** Until the second list, watches ask for a version that has expired, and two changes are made meanwhile. */
  const outdated: Pick<KubeClient, 'list' | 'watch'> = {
    list: (...parameters) => {
      lists += 1;
      return admin.list(...parameters);
    },
    async *watch(resource, options) {
      if (lists === 1 && codes.length === 0) {
        await admin.delete(widgets, { namespace, name: 'deleted' });
        await create('created');
      }
      const { resourceVersion } = lists === 1 ? { resourceVersion: '1' } : options;
      for await (const event of admin.watch(resource, { ...options, resourceVersion })) {
        if (event.type === 'ERROR') codes.push(`${event.error.code} ${event.error.status}`);
        yield event;
      }
    },
  };
  const common = { client: outdated, namespace, clock: systemClock, log: silentLog, minBackoffMs: 10 };
  const reflector = createReflector({ resource: widgets, ...common });
  const changes: string[] = [];
  reflector.onChange(({ type, key }) => changes.push(`${type} ${key.split('/')[1] ?? ''}`));
  onTestFinished(async () => {
    await reflector.stop();
    await admin.close();
  });
  reflector.start();
  await expect.poll(() => lists, { timeout: 10_000 }).toBe(2);
  await create('last');
  const missed = ['deleted deleted', 'added created'];
  await expect
    .poll(() => changes, { timeout: 10_000 })
    .toEqual(['added deleted', 'added kept', ...missed, 'added last']);
  expect(codes).toEqual(['Gone 410']);
});
