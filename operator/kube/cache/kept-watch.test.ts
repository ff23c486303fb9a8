import type { ServerResponse } from 'node:http';
import { expect, it } from 'vitest';
import { sendEvent, sendStatus } from '../../../test/harness/kube/fake-api-server.ts';
import { configMapOf as map, scriptedReflector, watching } from '../../../test/harness/kube/scripted-reflector.ts';

const busy = (response: ServerResponse): void => sendStatus(response, 429, { retryAfter: 1 });

/** A reflector whose watch works, while every later list fails. */
async function overloaded(settings = {}) {
  const parts = await scriptedReflector(settings);
  const heal = { onList: parts.script.onList };
  parts.reflector.start();
  const watch = await watching(parts.script, 1);
  parts.script.onList = busy;
  return { ...parts, watch, heal: () => Object.assign(parts.script, heal) };
}

it('keeps a working watch while requested lists fail, and lists once they succeed', async () => {
  const { clock, reflector, script, watch, heal } = await overloaded();
  reflector.requestRelist();
  await expect.poll(() => clock.advance(500).then(() => script.lists)).toBeGreaterThan(3);
  sendEvent(watch, 'ADDED', map('b', '11'));
  await expect.poll(() => script.changes).toEqual(['added ns/a', 'added ns/b']);
  let done = false;
  const relisted = reflector.relisted().then(() => (done = true));
  script.items = [map('a', '1'), map('b', '11')];
  heal();
  await expect.poll(() => clock.advance(500).then(() => done)).toBe(true);
  await relisted;
  expect([script.watches.length, script.missed, reflector.failure()]).toEqual([1, [], undefined]);
});

it('resolves relisted() as soon as the watch has delivered what the list shows', async () => {
  const { clock, reflector, script, watch, heal } = await overloaded();
  heal();
  [script.items, script.version] = [[map('a', '11')], '11'];
  let done = false;
  const relisted = reflector.relisted().then(() => (done = true));
  await expect.poll(() => script.lists).toBe(2);
  await clock.advance(1_000);
  expect(done).toBe(false);
  sendEvent(watch, 'MODIFIED', map('a', '11'));
  await expect.poll(() => reflector.store.resourceVersion).toBe('11');
  await clock.advance(100);
  await relisted;
  expect([script.lists, script.watches.length]).toEqual([2, 1]);
});

it('resolves relisted() with the list itself, 5 s later, when the watch hides what it shows', async () => {
  const { clock, reflector, script, heal } = await overloaded();
  heal();
  [script.items, script.version] = [[map('a', '11')], '11'];
  let done = false;
  const relisted = reflector.relisted().then(() => (done = true));
  await expect.poll(() => script.lists).toBe(2);
  script.onList = busy;
  await clock.advance(4_999);
  expect(done).toBe(false);
  await clock.advance(101);
  await relisted;
  await watching(script, 2);
  expect([script.changes, script.lists, script.missed]).toEqual([['added ns/a', 'updated ns/a'], 2, [1]]);
});

it('watches on while the lists that its maximum age requires fail', async () => {
  const { clock, script } = await overloaded({ watchTimeoutMs: 30_000, maxAgeMs: 35_000 });
  // Each watch breaks when the next one is open, so that none confirms the cache.
  const pass = async () => {
    await clock.advance(1_000);
    script.watches.slice(0, -1).forEach(({ response }) => response.destroy());
  };
  await expect.poll(() => pass().then(() => script.lists), { timeout: 9_000 }).toBeGreaterThan(4);
  const { length } = script.watches;
  await expect.poll(() => pass().then(() => script.watches.length)).toBeGreaterThan(length);
  sendEvent(await watching(script, script.watches.length), 'ADDED', map('b', '11'));
  await expect.poll(() => script.changes).toEqual(['added ns/a', 'added ns/b']);
});

it('opens a watch although the list that was requested before it fails', async () => {
  const { clock, reflector, script, watch } = await overloaded();
  script.onWatch = (response) => sendStatus(response, 429, { retryAfter: 20 });
  watch.destroy();
  await expect.poll(() => clock.advance(800).then(() => script.watches.length)).toBe(2);
  reflector.requestRelist();
  script.onWatch = (response) => response.writeHead(200).flushHeaders();
  await expect.poll(() => clock.advance(1_000).then(() => script.watches.length)).toBe(3);
  sendEvent(await watching(script, 3), 'ADDED', map('b', '11'));
  await expect.poll(() => script.changes).toEqual(['added ns/a', 'added ns/b']);
});
