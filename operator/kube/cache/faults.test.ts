import { expect, it } from 'vitest';
import { sendEvent, sendJson, sendStatus } from '../../../test/harness/kube/fake-api-server.ts';
import { configMapOf as map, scriptedReflector, watching } from '../../../test/harness/kube/scripted-reflector.ts';

it.each<[string, string]>([
  ['never answers', ''],
  ['stops in the middle of the body', '{"metadata":{"resourceVersion":"10"},"items":[{"metad'],
])('lists again when a server %s', async (_what, body) => {
  const { clock, reflector, script } = await scriptedReflector();
  const healthy = script.onList;
  script.onList = (response) => void (body === '' ? undefined : response.writeHead(200).write(body));
  reflector.start();
  await expect.poll(() => script.lists).toBe(1);
  await clock.advance(9_999);
  expect(script.failures).toEqual([]);
  script.onList = healthy;
  await clock.advance(1);
  await expect.poll(() => script.failures).toEqual(['Timeout']);
  await clock.advance(800);
  await watching(script, 1);
  expect([script.lists, script.changes]).toEqual([2, ['added ns/a']]);
});

it('delivers an event that arrives a few bytes at a time, with characters cut in two', async () => {
  const { reflector, script } = await scriptedReflector();
  reflector.start();
  const watch = await watching(script, 1);
  const object = { ...map('b', '12'), data: { text: 'é€😀' } };
  const line = Buffer.from(`${JSON.stringify({ type: 'ADDED', object })}\n`);
  for (let index = 0; index < line.length; index += 3) {
    watch.write(line.subarray(index, index + 3));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await expect.poll(() => script.changes).toEqual(['added ns/a', 'added ns/b']);
  expect(reflector.store.get('ns/b')).toMatchObject({ data: { text: 'é€😀' } });
});

it('resumes a watch, without a list, on a replica of the server that is behind its version', async () => {
  const { clock, reflector, script } = await scriptedReflector();
  const healthy = script.onWatch;
  script.onWatch = (response) =>
    sendStatus(response, 504, { reason: 'Timeout', message: 'Too large resource version: 10, current: 7' });
  reflector.start();
  await watching(script, 1);
  script.onWatch = healthy;
  await expect.poll(() => clock.advance(500).then(() => script.watches.length)).toBe(2);
  sendEvent(await watching(script, 2), 'ADDED', map('b', '12'));
  await expect.poll(() => script.changes).toEqual(['added ns/a', 'added ns/b']);
  expect([script.lists, script.watches[1]?.query.get('resourceVersion')]).toEqual([1, '10']);
});

it('never asks for a list that may be stale', async () => {
  const { server, reflector, script } = await scriptedReflector();
  reflector.start();
  await watching(script, 1);
  await reflector.relisted();
  const lists = server.calls.filter(({ query }) => query.get('watch') !== 'true');
  expect(lists.map(({ query }) => [query.get('resourceVersion'), query.get('resourceVersionMatch')])).toEqual([
    [null, null],
    [null, null],
  ]);
});

it('waits as long as a busy server asks before it opens another watch', async () => {
  const { clock, reflector, script } = await scriptedReflector();
  script.onWatch = (response) => sendStatus(response, 429, { retryAfter: 20 });
  reflector.start();
  await watching(script, 1);
  await expect.poll(() => script.failures).toEqual(['TooManyRequests']);
  await clock.advance(19_999);
  expect(script.watches.length).toBe(1);
  await clock.advance(1);
  await watching(script, 2);
});

it('keeps what it has while the server fails, and shows how old that is', async () => {
  const { clock, reflector, script } = await scriptedReflector();
  reflector.start();
  const watch = await watching(script, 1);
  script.onWatch = (response) => void response.destroy();
  script.onList = (response) => sendJson(response, {}, 503);
  watch.destroy();
  await expect.poll(() => clock.advance(5_000).then(() => script.watches.length)).toBeGreaterThan(4);
  expect(reflector.store.get('ns/a')?.metadata.resourceVersion).toBe('1');
  expect([reflector.ageMs() >= 15_000, reflector.failure()]).toMatchObject([true, { code: 'Unavailable' }]);
});
