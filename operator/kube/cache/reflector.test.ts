import type { ServerResponse } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { sendEvent, sendJson, sendStatus, startFakeApiServer } from '../../../test/harness/kube/fake-api-server.ts';
import { virtualClock } from '../../../test/harness/virtual-clock.ts';
import { createLogger } from '../../../services/shared/runtime/logger.ts';
import { configMaps } from '../client/builtin-resources.ts';
import { createKubeClient } from '../client/client.ts';
import { createKubeMetrics, type ReflectorMetrics } from '../metrics.ts';
import { createReflector } from './reflector.ts';
import type { KubeObject, Stored } from '../client/resource.ts';

const log = createLogger({ name: 'test', level: 'silent' });

function map(name: string, resourceVersion: string): Stored {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'ns', uid: name, resourceVersion } };
}

function failuresInto(codes: string[]): ReflectorMetrics {
  const none = { inc: () => undefined, set: () => undefined, observe: () => undefined };
  const { reflector } = createKubeMetrics({ counter: () => none, gauge: () => none, histogram: () => none });
  return { ...reflector, failures: { inc: ({ code = '' }) => void codes.push(code) } };
}

/** A reflector over a scripted server: `items` is what a list answers, `onWatch` what happens to each watch. */
async function setup() {
  const clock = virtualClock();
  const server = await startFakeApiServer();
  const client = createKubeClient({ kubeConfig: server.kubeConfig, clock, log, userAgent: 'test' });
  const failures: string[] = [];
  const options = { client, resource: configMaps, clock, log, random: () => 0, metrics: failuresInto(failures) };
  const reflector = createReflector<KubeObject>(options);
  const world = {
    items: [map('a', '1')],
    version: '10',
    lists: 0,
    watches: [] as { readonly query: URLSearchParams; readonly response: ServerResponse }[],
    onList: (response: ServerResponse): void =>
      sendJson(response, { metadata: { resourceVersion: world.version }, items: world.items }),
    onWatch: (response: ServerResponse): void => {
      response.writeHead(200).flushHeaders();
    },
    changes: [] as string[],
    failures,
  };
  server.answer((response, { query }) => {
    if (query.get('watch') === 'true') {
      world.watches.push({ query, response });
      world.onWatch(response);
    } else {
      world.lists += 1;
      world.onList(response);
    }
  });
  reflector.onChange(({ type, key }) => world.changes.push(`${type} ${key}`));
  onTestFinished(async () => {
    await reflector.stop();
    await client.close();
    await server.close();
  });
  return { clock, server, reflector, world };
}

type World = Awaited<ReturnType<typeof setup>>['world'];

async function watching(world: World, count: number): Promise<ServerResponse> {
  await expect.poll(() => world.watches.length).toBe(count);
  return world.watches[count - 1]?.response ?? expect.fail('no watch');
}

it('asks for bookmarks, for more than 30 s, and from the version of the list', async () => {
  const { reflector, world } = await setup();
  reflector.start();
  const watch = await watching(world, 1);
  const query = world.watches[0]?.query;
  expect([query?.get('allowWatchBookmarks'), query?.get('timeoutSeconds'), query?.get('resourceVersion')]).toEqual([
    'true',
    '300',
    '10',
  ]);
  sendEvent(watch, 'BOOKMARK', { metadata: { resourceVersion: '20' } });
  await expect.poll(() => reflector.store.resourceVersion).toBe('20');
});

it('opens the next watch at once after a clean end, at the last version, without another list', async () => {
  const { clock, reflector, world } = await setup();
  reflector.start();
  for (let round = 1; round <= 5; round += 1) {
    const watch = await watching(world, round);
    await clock.advance(60_000);
    watch.end();
  }
  await watching(world, 6);
  sendEvent(await watching(world, 6), 'ADDED', map('b', '12'));
  await expect.poll(() => world.changes).toEqual(['added ns/a', 'added ns/b']);
  expect([world.lists, reflector.store.resourceVersion]).toEqual([1, '12']);
});

it.each([410, 500, 403])('lists again after an ERROR event with code %d', async (code) => {
  const { clock, reflector, world } = await setup();
  reflector.start();
  const watch = await watching(world, 1);
  world.items = [map('a', '3'), map('b', '4')];
  sendEvent(watch, 'ERROR', { kind: 'Status', code });
  await expect.poll(() => clock.advance(1_000).then(() => world.lists)).toBe(2);
  await watching(world, 2);
  expect(world.changes).toEqual(['added ns/a', 'updated ns/a', 'added ns/b']);
});

it.each<[string, (response: ServerResponse) => void]>([
  ['a 429', (response) => sendStatus(response, 429, { retryAfter: 1 })],
  ['a 500', (response) => sendStatus(response, 500)],
  ['a 410', (response) => sendStatus(response, 410)],
  ['a reset', (response) => response.destroy()],
  ['an unreadable line', (response) => response.end('garbage\n')],
  ['half an event', (response) => response.end('{"type":"ADDED"')],
  ['an event of an unknown kind', (response) => sendEvent(response, 'WHAT', {})],
])('recovers from %s of a watch', async (_name, fault) => {
  const { clock, reflector, world } = await setup();
  const healthy = world.onWatch;
  world.onWatch = fault;
  reflector.start();
  await watching(world, 1);
  world.onWatch = healthy;
  await expect.poll(() => clock.advance(500).then(() => world.watches.length)).toBe(2);
  world.items = [map('a', '1'), map('c', '11')];
  sendEvent(await watching(world, 2), 'ADDED', map('c', '11'));
  await expect.poll(() => world.changes).toEqual(['added ns/a', 'added ns/c']);
});

it('keeps trying when lists fail, with growing waits, and honours Retry-After', async () => {
  const { clock, reflector, world } = await setup();
  const startedAt: number[] = [];
  world.onList = (response) => {
    startedAt.push(clock.monotonicMs());
    sendStatus(response, startedAt.length === 3 ? 429 : 500, startedAt.length === 3 ? { retryAfter: 20 } : {});
  };
  reflector.start();
  await expect.poll(() => clock.advance(100).then(() => startedAt.length), { timeout: 20_000, interval: 1 }).toBe(5);
  const waits = startedAt.slice(1).map((at, index) => Math.round((at - (startedAt[index] ?? 0)) / 1_000));
  expect(waits).toEqual([1, 2, 20, 6]);
  expect(reflector.ageMs()).toBe(Number.POSITIVE_INFINITY);
});

it('starts its waits over after a watch that ended cleanly', async () => {
  const { clock, reflector, world } = await setup();
  const cut = (response: ServerResponse): void => void response.destroy();
  const healthy = world.onWatch;
  world.onWatch = cut;
  reflector.start();
  await expect.poll(() => clock.advance(500).then(() => world.watches.length)).toBe(4);
  world.onWatch = healthy;
  await expect.poll(() => clock.advance(1_000).then(() => world.watches.length)).toBe(5);
  await clock.advance(60_000);
  world.onWatch = cut;
  world.watches[4]?.response.end();
  await watching(world, 6);
  world.onWatch = healthy;
  await clock.advance(799);
  expect(world.watches.length).toBe(6);
  await clock.advance(1);
  await watching(world, 7);
  expect(world.lists).toBe(1);
});

it('takes a silent watch for dead, and a busy one never', async () => {
  const { clock, reflector, world } = await setup();
  reflector.start();
  const watch = await watching(world, 1);
  await clock.advance(80_000);
  sendEvent(watch, 'BOOKMARK', { metadata: { resourceVersion: '11' } });
  await expect.poll(() => reflector.store.resourceVersion).toBe('11');
  await clock.advance(80_000);
  expect(world.watches.length).toBe(1);
  expect(reflector.ageMs()).toBe(80_000);
  await clock.advance(12_000);
  await watching(world, 2);
  expect(world.watches[1]?.query.get('resourceVersion')).toBe('11');
});

it('leaves a watch alone that has brought nothing yet: the server has no bookmark to send before the collection moves', async () => {
  const { clock, reflector, world } = await setup();
  reflector.start();
  const watch = await watching(world, 1);
  await clock.advance(299_000);
  expect([world.watches.length, world.failures]).toEqual([1, []]);
  watch.end();
  await watching(world, 2);
  expect([world.lists, world.failures]).toEqual([1, []]);
});

it('takes a watch for dead that has brought nothing and does not end at its time', async () => {
  const { clock, reflector, world } = await setup();
  reflector.start();
  await watching(world, 1);
  await clock.advance(300_000);
  expect(world.watches.length).toBe(1);
  await clock.advance(92_000);
  await watching(world, 2);
  expect([world.lists, world.failures]).toEqual([1, ['Timeout']]);
});

it('takes a connection without any answer for dead', async () => {
  const { clock, reflector, world } = await setup();
  world.onWatch = () => undefined;
  reflector.start();
  await watching(world, 1);
  await clock.advance(12_000);
  await watching(world, 2);
  expect(world.lists).toBe(1);
});

it('audits the cache with a list now and then, and repairs what a watch dropped', async () => {
  const { clock, reflector, world } = await setup();
  reflector.start();
  const watch = await watching(world, 1);
  world.items = [map('a', '1'), map('dropped', '9')];
  for (let minute = 0; minute < 9; minute += 1) {
    await clock.advance(60_000);
    sendEvent(watch, 'BOOKMARK', { metadata: { resourceVersion: `${20 + minute}` } });
    await expect.poll(() => reflector.store.resourceVersion).toBe(`${20 + minute}`);
  }
  expect(world.lists).toBe(1);
  await clock.advance(60_000);
  await expect.poll(() => world.changes).toEqual(['added ns/a', 'added ns/dropped']);
});

it('starts once, stops during the connect without leaving a watch, and starts again', async () => {
  const { server, reflector, world } = await setup();
  world.onWatch = () => undefined;
  reflector.start();
  reflector.start();
  await watching(world, 1);
  await reflector.stop();
  await expect.poll(() => server.open()).toBe(0);
  expect(world.lists).toBe(1);
  const stopping = reflector.stop();
  reflector.start();
  await stopping;
  await watching(world, 2);
  expect([world.lists, server.open()]).toEqual([2, 1]);
});

it('survives a handler that throws, and tells the others', async () => {
  const { reflector, world } = await setup();
  reflector.onChange(() => {
    throw new Error('a defect');
  });
  const heard: string[] = [];
  reflector.onChange(({ key }) => heard.push(key));
  reflector.start();
  sendEvent(await watching(world, 1), 'ADDED', map('b', '12'));
  await expect.poll(() => heard).toEqual(['ns/a', 'ns/b']);
  expect(world.watches.length).toBe(1);
});

it('lists at once when asked, and rejects a wait for the first list that is given up', async () => {
  const { clock, reflector, world } = await setup();
  await expect(reflector.synced(AbortSignal.abort())).rejects.toMatchObject({ code: 'Aborted' });
  reflector.start();
  await watching(world, 1);
  await clock.advance(10);
  const askedMs = clock.monotonicMs();
  expect(reflector.hasListedSince(askedMs)).toBe(false);
  reflector.requestRelist();
  await watching(world, 2);
  expect([world.lists, reflector.hasListedSince(askedMs)]).toEqual([2, true]);
});

it('answers for a list begun after it was asked for one, whatever is under way', async () => {
  const { reflector, world } = await setup();
  const early: ServerResponse[] = [];
  const answer = world.onList;
  world.onList = (response) => void early.push(response);
  reflector.start();
  await expect.poll(() => early.length).toBe(1);
  let done = false;
  const relisted = reflector.relisted().then(() => (done = true));
  world.onList = (response) => void early.push(response);
  for (const response of early.splice(0)) answer(response);
  await expect.poll(() => early.length).toBe(1);
  expect(done).toBe(false);
  for (const response of early.splice(0)) answer(response);
  await relisted;
  expect(world.lists).toBe(2);
  await expect(reflector.relisted(AbortSignal.abort())).rejects.toMatchObject({ code: 'Aborted' });
});
