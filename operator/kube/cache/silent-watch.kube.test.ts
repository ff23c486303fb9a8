import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { newNamespace, silentLog, testKubeClient } from '../../../test/harness/kube/kube-client.ts';
import { severableServer } from '../../../test/harness/kube/severable-server.ts';
import { systemClock } from '../../../services/shared/runtime/clock.ts';
import { configMaps } from '../client/builtin-resources.ts';
import type { KubeClient } from '../client/client.ts';
import { createReflector } from './reflector.ts';
import type { ReflectorOptions } from './reflector-options.ts';
import type { KubeObject } from '../client/resource.ts';

let admin: KubeClient;
beforeAll(() => {
  admin = testKubeClient();
});
afterAll(async () => {
  await admin.close();
});

/** Follows ConfigMaps, of which one exists, with watches on connections of their own, and freezes the first watch. */
async function followSilently(options: Partial<ReflectorOptions<KubeObject>>) {
  const namespace = await newNamespace(admin, 'silent');
  const server = await severableServer();
  const watching = testKubeClient({ kubeConfig: server.kubeConfig });
  let lists = 0;
  const client: Pick<KubeClient, 'list' | 'watch'> = {
    list: (...parameters) => {
      lists += 1;
      return admin.list(...parameters);
    },
    watch: (...parameters) => watching.watch(...parameters),
  };
  const common = { client, namespace, clock: systemClock, log: silentLog, minBackoffMs: 10 };
  const reflector = createReflector<KubeObject>({ resource: configMaps, ...common, ...options });
  const changes: string[] = [];
  reflector.onChange(({ type, key }) => changes.push(`${type} ${key.split('/')[1] ?? ''}`));
  onTestFinished(async () => {
    await reflector.stop();
    await watching.close();
    await server.close();
  });
  const create = async (name: string) => await admin.create(configMaps, { metadata: { namespace, name } });
  reflector.start();
  await reflector.synced();
  await create('delivered');
  await expect.poll(() => changes, { timeout: 10_000 }).toEqual(['added delivered']);
  server.freeze();
  await create('silenced');
  return { changes, lists: () => lists, connections: () => server.connections() };
}

it('ends a watch that has fallen silent, and loses nothing of what it did not deliver', async () => {
  const { changes, lists, connections } = await followSilently({ idleMs: 1_000 });
  await expect.poll(() => changes, { timeout: 20_000 }).toEqual(['added delivered', 'added silenced']);
  // The next watch resumes at the version of the first.
  expect(lists()).toBe(1);
  expect(connections()).toBeGreaterThan(1);
});

it('finds by an audit what a watch does not deliver, before that watch counts as silent', async () => {
  const { changes, lists } = await followSilently({ auditIntervalMs: 1_000, random: () => 0 });
  await expect.poll(() => changes, { timeout: 20_000 }).toEqual(['added delivered', 'added silenced']);
  expect(lists()).toBeGreaterThan(1);
});
