import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest';
import { newNamespace, silentLog, testKubeClient } from '../../../test/harness/kube/kube-client.ts';
import { compactHistory, eventNamed } from '../../../test/harness/kube/controller-layer/uncached-events.ts';
import { systemClock } from '../../../services/shared/runtime/clock.ts';
import { configMaps, events } from '../client/builtin-resources.ts';
import type { KubeClient } from '../client/client.ts';
import { createReflector } from './reflector.ts';
import type { ReflectorOptions } from './reflector-options.ts';
import type { KubeObject } from '../client/resource.ts';

let client: KubeClient;
let namespace: string;

beforeAll(() => {
  client = testKubeClient();
});

beforeEach(async () => {
  namespace = await newNamespace(client, 'reflector');
});

afterAll(async () => {
  await client.close();
});

function start(options: Partial<ReflectorOptions<KubeObject>> = {}) {
  const changes: string[] = [];
  const reflector = createReflector<KubeObject>({
    client,
    resource: configMaps,
    namespace,
    clock: systemClock,
    log: silentLog,
    ...options,
  });
  reflector.onChange(({ type, key }) => changes.push(`${type} ${key.split('/')[1] ?? ''}`));
  reflector.start();
  onTestFinished(() => reflector.stop());
  return { reflector, changes };
}

const create = (name: string, labels = {}) => client.create(configMaps, { metadata: { namespace, name, labels } });
const touch = (name: string, data: Record<string, string>) =>
  client.mergePatch(configMaps, { namespace, name }, { data });

it('follows a collection and passes only keys to handlers', async () => {
  await create('before');
  const { reflector, changes } = start();
  await reflector.synced();
  const added = await create('after');
  await touch('after', { a: '1' });
  await client.delete(configMaps, { namespace, name: 'before' });
  await expect.poll(() => changes).toEqual(['added before', 'added after', 'updated after', 'deleted before']);
  expect(reflector.store.list().map((item) => item.metadata.name)).toEqual(['after']);
  expect(reflector.hasSeen({ namespace, name: 'after' }, added.metadata.resourceVersion)).toBe(true);
  expect(reflector.store.get(`${namespace}/after`)?.metadata).not.toHaveProperty('managedFields');
});

it('follows only objects that its selector matches, also when a label changes', async () => {
  const { reflector, changes } = start({ labelSelector: 'mine=yes' });
  await reflector.synced();
  await create('other', { mine: 'no' });
  await create('own', { mine: 'yes' });
  await client.mergePatch(configMaps, { namespace, name: 'own' }, { metadata: { labels: { mine: 'no' } } });
  await expect.poll(() => changes).toEqual(['added own', 'deleted own']);
});

it('misses no change when the server ends watches', async () => {
  const { reflector, changes } = start({ watchTimeoutMs: 1_000, random: () => 0 });
  await reflector.synced();
  for (let index = 0; index < 30; index += 1) {
    await create(`map-${index}`);
    await systemClock.sleep(100);
  }
  await expect.poll(() => changes.length).toBe(30);
  expect(new Set(changes).size).toBe(30);
});

it('lists again after the server compacted its version, and misses no change', async () => {
  const createEvent = (name: string) => client.create(events, eventNamed(namespace, name));
  await createEvent('old');
  // The client below makes the reflector request a version that etcd has compacted.
  let compacted: string | undefined = (await createEvent('kept')).metadata.resourceVersion;
  await client.delete(events, { namespace, name: 'old' });
  await compactHistory();
  let lists = 0;
  const errorCodes: string[] = [];
  const outdated: Pick<KubeClient, 'list' | 'watch'> = {
    list: (resource, options) => {
      lists += 1;
      return client.list(resource, options);
    },
    async *watch(resource, options) {
      const resourceVersion = compacted ?? options.resourceVersion;
      compacted = undefined;
      for await (const event of client.watch(resource, { ...options, resourceVersion })) {
        errorCodes.push(...(event.type === 'ERROR' ? [event.error.code] : []));
        yield event;
      }
    },
  };
  const { reflector, changes } = start({ resource: events, client: outdated, minBackoffMs: 10 });
  await reflector.synced();
  await expect.poll(() => lists, { timeout: 10_000 }).toBe(2);
  await createEvent('new');
  await expect.poll(() => changes, { timeout: 10_000 }).toEqual(['added kept', 'added new']);
  // The server sends 500, not 410, so a client that relists only on 410 would never recover.
  expect(errorCodes).toEqual(['Internal']);
});

it('reads a collection larger than one page', async () => {
  await Promise.all(Array.from({ length: 60 }, (_, index) => create(`many-${index}`)));
  const paging: Pick<KubeClient, 'list' | 'watch'> = {
    list: (resource, options) => client.list(resource, { ...options, pageSize: 7 }),
    watch: (resource, options) => client.watch(resource, options),
  };
  const { reflector } = start({ client: paging });
  await reflector.synced();
  expect(reflector.store.size).toBe(60);
});
