import type { ServerResponse } from 'node:http';
import { expect, it } from 'vitest';
import { sendEvent, sendStatus } from '../../../test/harness/kube/fake-api-server.ts';
import {
  configMapOf as map,
  scriptedReflector as setup,
  watching,
} from '../../../test/harness/kube/scripted-reflector.ts';

it('requests bookmarks and a timeout of 300 s, from the version of the list', async () => {
  const { reflector, script } = await setup();
  reflector.start();
  const watch = await watching(script, 1);
  const query = script.watches[0]?.query;
  expect([query?.get('allowWatchBookmarks'), query?.get('timeoutSeconds'), query?.get('resourceVersion')]).toEqual([
    'true',
    '300',
    '10',
  ]);
  sendEvent(watch, 'BOOKMARK', { metadata: { resourceVersion: '20' } });
  await expect.poll(() => reflector.store.resourceVersion).toBe('20');
});

it('opens the next watch at the last version right after a clean end, without another list', async () => {
  const { clock, reflector, script } = await setup();
  reflector.start();
  for (let round = 1; round <= 5; round += 1) {
    const watch = await watching(script, round);
    await clock.advance(60_000);
    watch.end();
  }
  await watching(script, 6);
  sendEvent(await watching(script, 6), 'ADDED', map('b', '12'));
  await expect.poll(() => script.changes).toEqual(['added ns/a', 'added ns/b']);
  expect([script.lists, reflector.store.resourceVersion]).toEqual([1, '12']);
});

it.each([410, 500, 403])('lists again after an ERROR event with code %d', async (code) => {
  const { clock, reflector, script } = await setup();
  reflector.start();
  const watch = await watching(script, 1);
  script.items = [map('a', '3'), map('b', '4')];
  sendEvent(watch, 'ERROR', { kind: 'Status', code });
  await expect.poll(() => clock.advance(1_000).then(() => script.lists)).toBe(2);
  await watching(script, 2);
  expect(script.changes).toEqual(['added ns/a', 'updated ns/a', 'added ns/b']);
});

it.each<[string, (response: ServerResponse) => void]>([
  ['a 429', (response) => sendStatus(response, 429, { retryAfter: 1 })],
  ['a 500', (response) => sendStatus(response, 500)],
  ['a 410', (response) => sendStatus(response, 410)],
  ['a reset', (response) => response.destroy()],
  ['an unreadable line', (response) => response.end('garbage\n')],
  ['half an event', (response) => response.end('{"type":"ADDED"')],
  ['an event of an unknown kind', (response) => sendEvent(response, 'WHAT', {})],
])('recovers when a watch ends with %s', async (_name, fault) => {
  const { clock, reflector, script } = await setup();
  const healthy = script.onWatch;
  script.onWatch = fault;
  reflector.start();
  await watching(script, 1);
  script.onWatch = healthy;
  await expect.poll(() => clock.advance(500).then(() => script.watches.length)).toBe(2);
  script.items = [map('a', '1'), map('c', '11')];
  sendEvent(await watching(script, 2), 'ADDED', map('c', '11'));
  await expect.poll(() => script.changes).toEqual(['added ns/a', 'added ns/c']);
});

it('retries failed lists with growing waits, and honours Retry-After', async () => {
  const { clock, reflector, script } = await setup();
  const startsMs: number[] = [];
  script.onList = (response) => {
    startsMs.push(clock.monotonicMs());
    sendStatus(response, startsMs.length === 3 ? 429 : 500, startsMs.length === 3 ? { retryAfter: 20 } : {});
  };
  reflector.start();
  await expect.poll(() => clock.advance(100).then(() => startsMs.length), { timeout: 20_000, interval: 1 }).toBe(5);
  const waits = startsMs.slice(1).map((startMs, index) => Math.round((startMs - (startsMs[index] ?? 0)) / 1_000));
  expect(waits).toEqual([1, 2, 20, 6]);
  expect(reflector.ageMs()).toBe(Number.POSITIVE_INFINITY);
});

it('resets its backoff after a watch that ended cleanly', async () => {
  const { clock, reflector, script } = await setup();
  const cut = (response: ServerResponse): void => void response.destroy();
  const healthy = script.onWatch;
  script.onWatch = cut;
  reflector.start();
  await expect.poll(() => clock.advance(500).then(() => script.watches.length)).toBe(4);
  script.onWatch = healthy;
  await expect.poll(() => clock.advance(1_000).then(() => script.watches.length)).toBe(5);
  await clock.advance(60_000);
  script.onWatch = cut;
  script.watches[4]?.response.end();
  await watching(script, 6);
  script.onWatch = healthy;
  await clock.advance(799);
  expect(script.watches.length).toBe(6);
  await clock.advance(1);
  await watching(script, 7);
  expect(script.lists).toBe(1);
});

it('treats a silent watch as dead, but not a watch that receives bookmarks', async () => {
  const { clock, reflector, script } = await setup();
  reflector.start();
  const watch = await watching(script, 1);
  await clock.advance(80_000);
  sendEvent(watch, 'BOOKMARK', { metadata: { resourceVersion: '11' } });
  await expect.poll(() => reflector.store.resourceVersion).toBe('11');
  await clock.advance(80_000);
  expect(script.watches.length).toBe(1);
  expect(reflector.ageMs()).toBe(80_000);
  await clock.advance(12_000);
  await watching(script, 2);
  expect(script.watches[1]?.query.get('resourceVersion')).toBe('11');
});

it('keeps a watch that has received nothing yet, because a collection without changes gets no bookmarks', async () => {
  const { clock, reflector, script } = await setup();
  reflector.start();
  const watch = await watching(script, 1);
  await clock.advance(289_000);
  expect([script.watches.length, script.failures]).toEqual([1, []]);
  await clock.advance(10_000);
  await watching(script, 2);
  watch.end();
  expect([script.lists, script.failures]).toEqual([1, []]);
});

it('treats a watch as dead that has received nothing and outlives its timeout', async () => {
  const { clock, reflector, script } = await setup();
  reflector.start();
  await watching(script, 1);
  await clock.advance(309_999);
  expect(script.failures).toEqual([]);
  await clock.advance(1);
  await expect.poll(() => script.failures).toEqual(['Timeout']);
  await clock.advance(800);
  await watching(script, 3);
  expect(script.lists).toBe(1);
});

it('treats a watch as dead that outlives its timeout, even if it receives bookmarks', async () => {
  const { clock, reflector, script } = await setup();
  reflector.start();
  const watch = await watching(script, 1);
  for (let minute = 1; minute <= 5; minute += 1) {
    await clock.advance(60_000);
    sendEvent(watch, 'BOOKMARK', { metadata: { resourceVersion: `${10 + minute}` } });
    await expect.poll(() => reflector.store.resourceVersion).toBe(`${10 + minute}`);
  }
  await clock.advance(10_000);
  await expect.poll(() => script.failures).toEqual(['Timeout']);
});

it('lists beside the watch when the cache has its maximum age', async () => {
  const { clock, reflector, script } = await setup({ watchTimeoutMs: 30_000, maxAgeMs: 35_000 });
  reflector.start();
  const first = await watching(script, 1);
  expect(script.watches[0]?.query.get('timeoutSeconds')).toBe('30');
  await clock.advance(34_999);
  expect(script.lists).toBe(1);
  await clock.advance(1);
  await expect.poll(() => script.lists).toBe(2);
  await expect.poll(() => reflector.ageMs()).toBe(0);
  sendEvent(first, 'ADDED', map('b', '11'));
  await expect.poll(() => script.changes).toEqual(['added ns/a', 'added ns/b']);
});

it('treats a watch request without an answer as dead', async () => {
  const { clock, reflector, script } = await setup();
  script.onWatch = () => undefined;
  reflector.start();
  await watching(script, 1);
  await clock.advance(12_000);
  await watching(script, 2);
  expect(script.lists).toBe(1);
});

it('starts once, leaves no watch behind when stopped during the connect, and can start again', async () => {
  const { server, reflector, script } = await setup();
  script.onWatch = () => undefined;
  reflector.start();
  reflector.start();
  await watching(script, 1);
  await reflector.stop();
  await expect.poll(() => server.open()).toBe(0);
  expect(script.lists).toBe(1);
  const stopping = reflector.stop();
  reflector.start();
  await stopping;
  await watching(script, 2);
  expect([script.lists, server.open()]).toEqual([2, 1]);
});

it('survives a handler that throws, and still calls the other handlers', async () => {
  const { reflector, script } = await setup();
  reflector.onChange(() => {
    throw new Error('a defect');
  });
  const keys: string[] = [];
  reflector.onChange(({ key }) => keys.push(key));
  reflector.start();
  sendEvent(await watching(script, 1), 'ADDED', map('b', '12'));
  await expect.poll(() => keys).toEqual(['ns/a', 'ns/b']);
  expect(script.watches.length).toBe(1);
});

it('lists at once on request, and rejects with Aborted when the wait for the first list is cancelled', async () => {
  const { clock, reflector, script } = await setup();
  await expect(reflector.synced(AbortSignal.abort())).rejects.toMatchObject({ code: 'Aborted' });
  reflector.start();
  await watching(script, 1);
  await clock.advance(10);
  const requestedAtMs = clock.monotonicMs();
  expect(reflector.hasListedSince(requestedAtMs)).toBe(false);
  reflector.requestRelist();
  await expect.poll(() => reflector.hasListedSince(requestedAtMs)).toBe(true);
  expect([script.lists, script.watches.length]).toEqual([2, 1]);
});

it('resolves relisted() only with a list begun after the call, even if another list is under way', async () => {
  const { reflector, script } = await setup();
  const pending: ServerResponse[] = [];
  const answer = script.onList;
  script.onList = (response) => void pending.push(response);
  reflector.start();
  await expect.poll(() => pending.length).toBe(1);
  let done = false;
  const relisted = reflector.relisted().then(() => (done = true));
  script.onList = (response) => void pending.push(response);
  for (const response of pending.splice(0)) answer(response);
  await expect.poll(() => pending.length).toBe(1);
  expect(done).toBe(false);
  for (const response of pending.splice(0)) answer(response);
  await relisted;
  expect(script.lists).toBe(2);
  await expect(reflector.relisted(AbortSignal.abort())).rejects.toMatchObject({ code: 'Aborted' });
});

it('opens the next watch 10 s before the end of the current one, and misses nothing while it is being opened', async () => {
  const { clock, reflector, script } = await setup({ watchTimeoutMs: 30_000 });
  reflector.start();
  const first = await watching(script, 1);
  script.onWatch = () => undefined;
  await clock.advance(19_000);
  expect(script.watches.length).toBe(1);
  await clock.advance(1_000);
  const second = await watching(script, 2);
  sendEvent(first, 'ADDED', map('b', '11'));
  await expect.poll(() => script.changes).toEqual(['added ns/a', 'added ns/b']);
  second.writeHead(200).flushHeaders();
  first.end();
  sendEvent(second, 'ADDED', map('b', '11'));
  sendEvent(second, 'ADDED', map('c', '12'));
  await expect.poll(() => script.changes).toEqual(['added ns/a', 'added ns/b', 'added ns/c']);
  expect([script.lists, script.watches.length, reflector.store.resourceVersion]).toEqual([1, 2, '12']);
});

it('does not repeat an older state of an object that its predecessor has delivered already', async () => {
  const { clock, reflector, script } = await setup({ watchTimeoutMs: 30_000 });
  reflector.start();
  const first = await watching(script, 1);
  await clock.advance(20_000);
  const second = await watching(script, 2);
  for (const watch of [first, second]) {
    sendEvent(watch, 'DELETED', map('a', '11'));
    sendEvent(watch, 'ADDED', map('a', '12'));
  }
  sendEvent(second, 'BOOKMARK', { metadata: { resourceVersion: '11' } });
  await expect.poll(() => script.changes).toEqual(['added ns/a', 'deleted ns/a', 'added ns/a']);
  first.end();
  await expect.poll(() => clock.advance(5_000).then(() => script.watches.length)).toBe(3);
  expect(script.watches[2]?.query.get('resourceVersion')).toBe('12');
  sendEvent(second, 'MODIFIED', map('a', '13'));
  await expect.poll(() => reflector.store.resourceVersion).toBe('13');
  expect(script.changes).toEqual(['added ns/a', 'deleted ns/a', 'added ns/a', 'updated ns/a']);
});

it('opens another watch at the end when the one that was opened before it has failed', async () => {
  const { clock, reflector, script } = await setup({ watchTimeoutMs: 30_000 });
  reflector.start();
  const first = await watching(script, 1);
  const healthy = script.onWatch;
  script.onWatch = (response) => sendStatus(response, 429, { retryAfter: 10 });
  await clock.advance(20_000);
  await watching(script, 2);
  script.onWatch = healthy;
  sendEvent(first, 'ADDED', map('b', '11'));
  await expect.poll(() => reflector.store.resourceVersion).toBe('11');
  first.end();
  // At once, whatever the failure asked to wait for.
  const third = await watching(script, 3);
  sendEvent(third, 'ADDED', map('c', '12'));
  await expect.poll(() => script.changes).toEqual(['added ns/a', 'added ns/b', 'added ns/c']);
  expect(script.failures).toEqual([]);
});

it('closes the next watch too when it stops, or when the cache must be listed', async () => {
  const { clock, reflector, script } = await setup({ watchTimeoutMs: 30_000 });
  const closed: number[] = [];
  script.onWatch = (response) => {
    const number = script.watches.length;
    response.on('close', () => closed.push(number));
    response.writeHead(200).flushHeaders();
  };
  reflector.start();
  const first = await watching(script, 1);
  await clock.advance(20_000);
  await watching(script, 2);
  sendEvent(first, 'ERROR', { kind: 'Status', code: 410 });
  await expect.poll(() => clock.advance(100).then(() => script.watches.length)).toBe(3);
  await expect.poll(() => new Set(closed)).toEqual(new Set([1, 2]));
  await clock.advance(20_000);
  await watching(script, 4);
  await reflector.stop();
  await expect.poll(() => new Set(closed)).toEqual(new Set([1, 2, 3, 4]));
});
