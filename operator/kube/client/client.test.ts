import type { ServerResponse } from 'node:http';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { sendJson, sendStatus, startFakeApiServer } from '../../../test/harness/kube/fake-api-server.ts';
import { virtualClock } from '../../../test/harness/virtual-clock.ts';
import { createLogger } from '../../../services/shared/runtime/logger.ts';
import { configMaps } from './builtin-resources.ts';
import { createKubeClient, type KubeClientOptions } from './client.ts';
import { createKubeMetrics } from '../metrics.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const ref = { namespace: 'ns', name: 'a' };
const stored = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...ref, uid: 'u', resourceVersion: '1' } };

const failureOf = (call: Promise<unknown>): Promise<unknown> => call.catch((error: unknown) => error);

async function setup(options: Partial<KubeClientOptions> = {}, user = {}) {
  const clock = virtualClock();
  const server = await startFakeApiServer(user);
  const defaults = { clock, log, userAgent: 'test/1', lease: 'None' } as const;
  const client = createKubeClient({ ...defaults, kubeConfig: server.kubeConfig, ...options });
  onTestFinished(async () => {
    await client.close();
    await server.close();
  });
  return { clock, server, client };
}

it('ends a call at its deadline, and the next call succeeds', async () => {
  const { clock, server, client } = await setup();
  server.answer(() => undefined);
  const call = failureOf(client.get(configMaps, ref));
  await expect.poll(() => server.calls.length).toBe(1);
  await clock.advance(10_000);
  expect(await call).toMatchObject({ code: 'Timeout' });
  server.answer((response) => sendJson(response, stored));
  expect(await client.get(configMaps, ref)).toEqual(stored);
  expect(clock.sleepers()).toBe(0);
});

it('ends a call at its deadline if the body stops in the middle', async () => {
  const { clock, server, client } = await setup();
  server.answer((response) => response.writeHead(200).write('{"apiVersion":'));
  const call = failureOf(client.get(configMaps, ref, { deadlineMs: 500 }));
  await expect.poll(() => server.calls.length).toBe(1);
  await clock.advance(500);
  expect(await call).toMatchObject({ code: 'Timeout' });
});

it('rejects with Aborted when the signal of the caller fires before or during the call', async () => {
  const { server, client } = await setup();
  server.answer(() => undefined);
  const stop = new AbortController();
  const call = failureOf(client.get(configMaps, ref, { signal: stop.signal }));
  await expect.poll(() => server.calls.length).toBe(1);
  stop.abort();
  expect(await call).toMatchObject({ code: 'Aborted' });
  await expect(client.get(configMaps, ref, { signal: stop.signal })).rejects.toMatchObject({ code: 'Aborted' });
  await expect.poll(() => server.open()).toBe(0);
});

it('re-reads the token once after a 401, and repeats a write', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'token-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const tokenFile = join(folder, 'token');
  await writeFile(tokenFile, 'old');
  const { server, client } = await setup({}, { authProvider: { name: 'tokenFile', config: { tokenFile } } });
  server.answer((response, call) =>
    call.authorization === 'Bearer new'
      ? sendJson(response, stored)
      : sendStatus(response, 401, { reason: 'Unauthorized' }),
  );
  await expect(client.get(configMaps, ref)).rejects.toMatchObject({ code: 'Unauthorized' });
  expect(server.calls.map((call) => call.authorization)).toEqual(['Bearer old', 'Bearer old']);
  await writeFile(tokenFile, 'new');
  const created = await Promise.all([1, 2, 3].map(() => client.create(configMaps, { metadata: ref })));
  expect(created).toEqual([stored, stored, stored]);
  await client.get(configMaps, ref);
  expect(server.calls.at(-1)?.authorization).toBe('Bearer new');
});

it('re-reads a rotated token once a minute, before the old one expires', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'token-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const tokenFile = join(folder, 'token');
  await writeFile(tokenFile, 'old');
  const { clock, server, client } = await setup({}, { authProvider: { name: 'tokenFile', config: { tokenFile } } });
  server.answer((response) => sendJson(response, stored));
  await client.get(configMaps, ref);
  await writeFile(tokenFile, 'new');
  await clock.advance(59_999);
  await client.get(configMaps, ref);
  await clock.advance(1);
  await client.get(configMaps, ref);
  expect(server.calls.map(({ authorization }) => authorization)).toEqual(['Bearer old', 'Bearer old', 'Bearer new']);
});

it('reports the wait that a busy server asks for, and does not retry', async () => {
  const { server, client } = await setup();
  server.answer((response) => sendStatus(response, 429, { reason: 'TooManyRequests', retryAfter: 7 }));
  await expect(client.get(configMaps, ref)).rejects.toMatchObject({ code: 'TooManyRequests', retryAfterMs: 7_000 });
  expect(server.calls.length).toBe(1);
});

it.each([
  [500, 'Internal'],
  [502, 'Unavailable'],
  [503, 'Unavailable'],
  [504, 'Timeout'],
  [418, 'BadRequest'],
])('maps HTTP status %d without a Status body to %s', async (status, code) => {
  const { server, client } = await setup();
  server.answer((response) => response.writeHead(status).end('<html>'));
  await expect(client.get(configMaps, ref)).rejects.toMatchObject({ code, status });
});

it('reports a broken connection as Unavailable and an unreadable answer as Protocol', async () => {
  const { server, client } = await setup();
  server.answer((response) => response.destroy());
  await expect(client.get(configMaps, ref)).rejects.toMatchObject({ code: 'Unavailable' });
  server.answer((response) => response.end('no JSON'));
  await expect(client.get(configMaps, ref)).rejects.toMatchObject({ code: 'Protocol' });
});

it('keeps the text of an unreadable answer, which may be a Secret, out of the error', async () => {
  const { server, client } = await setup();
  server.answer((response) => response.end('{"data":c2VjcmV0}'));
  const failure = await failureOf(client.get(configMaps, ref));
  expect(inspect(failure, { depth: 10 })).not.toContain('c2Vj');
  expect(failure).toMatchObject({ code: 'Protocol' });
});

it('re-reads the whole list when a page has expired', async () => {
  const { server, client } = await setup();
  server.answer((response, { query }) => {
    if (query.get('continue') === 'page2') {
      sendStatus(response, 410, { reason: 'Expired' });
    } else if (query.get('limit') === '1') {
      sendJson(response, { metadata: { resourceVersion: '5', continue: 'page2' }, items: [stored] });
    } else {
      sendJson(response, { metadata: { resourceVersion: '6' }, items: [stored, stored] });
    }
  });
  const list = await client.list(configMaps, { pageSize: 1 });
  expect([list.resourceVersion, list.items.length]).toEqual(['6', 2]);
});

it.each([
  ['without a lease', {}],
  ['under a lease', { lease: { writeLeftMs: () => 10_000 } }],
])('sends a write at once while lists wait for the server on every socket, %s', async (_what, options) => {
  const { server, client } = await setup({ maxConnections: 2, ...options });
  server.answer((response, call) => (call.method === 'GET' ? undefined : sendJson(response, stored)));
  const stop = new AbortController();
  const lists = [1, 2, 3].map(() => failureOf(client.list(configMaps, { signal: stop.signal })));
  await expect.poll(() => server.calls.length).toBe(2);
  expect(await client.mergePatch(configMaps, ref, {})).toEqual(stored);
  stop.abort();
  await Promise.all(lists);
});

it('never sends a write that waited for a socket until the lease was lost', async () => {
  let isLeader = true;
  const { server, client } = await setup({ maxConnections: 1, lease: { writeLeftMs: () => (isLeader ? 10_000 : 0) } });
  const held: ServerResponse[] = [];
  server.answer((response) => void held.push(response));
  const first = client.mergePatch(configMaps, ref, {});
  await expect.poll(() => held.length).toBe(1);
  const second = failureOf(client.delete(configMaps, ref));
  isLeader = false;
  for (const response of held) sendJson(response, stored);
  expect(await first).toEqual(stored);
  expect(await second).toMatchObject({ code: 'NotLeader' });
  isLeader = true;
  server.answer((response) => sendJson(response, stored));
  await client.mergePatch(configMaps, ref, {});
  expect(server.calls.map((call) => call.method)).toEqual(['PATCH', 'PATCH']);
});

it('ends a write, but not a read, when the time left to write is over', async () => {
  const { clock, server, client } = await setup({ lease: { writeLeftMs: () => 3_000 } });
  server.answer(() => undefined);
  const [write, read] = [failureOf(client.mergePatch(configMaps, ref, {})), failureOf(client.get(configMaps, ref))];
  await expect.poll(() => server.calls.length).toBe(2);
  await clock.advance(3_000);
  expect(await write).toMatchObject({ code: 'Timeout', message: 'no answer within 3000 ms' });
  await clock.advance(7_000);
  expect(await read).toMatchObject({ code: 'Timeout', message: 'no answer within 10000 ms' });
});

it('aborts a write that is under way, but no read, when the lease is lost', async () => {
  const lost = new AbortController();
  const { server, client } = await setup({ lease: { writeLeftMs: () => 10_000, lost: lost.signal } });
  const held: ServerResponse[] = [];
  server.answer((response, { method }) => method === 'GET' && held.push(response));
  const write = failureOf(client.create(configMaps, { metadata: ref }));
  const read = client.get(configMaps, ref);
  await expect.poll(() => server.calls.length).toBe(2);
  lost.abort();
  expect(await write).toMatchObject({ code: 'Aborted', message: 'the leader lease was lost' });
  await expect.poll(() => server.open()).toBe(1);
  for (const response of held) sendJson(response, stored);
  expect(await read).toEqual(stored);
});

it('rejects writes but still reads while it does not lead', async () => {
  let isLeader = false;
  const { server, client } = await setup({ lease: { writeLeftMs: () => (isLeader ? 10_000 : 0) } });
  server.answer((response) => sendJson(response, stored));
  for (const write of [
    () => client.create(configMaps, { metadata: ref }),
    () => client.apply(configMaps, { metadata: ref }, { fieldManager: 'x' }),
    () => client.mergePatch(configMaps, ref, {}),
    () => client.delete(configMaps, ref),
  ]) {
    await expect(write()).rejects.toMatchObject({ code: 'NotLeader' });
  }
  await client.get(configMaps, ref);
  isLeader = true;
  await client.delete(configMaps, ref);
  expect(server.calls.map((call) => call.method)).toEqual(['GET', 'DELETE']);
});

it('sends its field manager, and counts requests by verb, resource and code', async () => {
  const counts: string[] = [];
  const none = { inc: () => undefined, set: () => undefined, observe: () => undefined };
  const { client: metrics } = createKubeMetrics({
    counter: ({ name }) => ({ inc: (labels) => counts.push([name, ...Object.values(labels)].join(' ')) }),
    gauge: () => none,
    histogram: () => none,
  });
  const { server, client } = await setup({ metrics });
  server.answer((response, call) => (call.method === 'GET' ? sendStatus(response, 404) : sendJson(response, stored)));
  expect(await client.find(configMaps, ref)).toBeUndefined();
  await client.apply(configMaps, { metadata: ref }, { fieldManager: 'fm' });
  expect(counts).toEqual([
    'rest_client_requests_total get configmaps 404',
    'rest_client_requests_total apply configmaps 200',
  ]);
  const apply = server.calls[1];
  expect(apply?.query.toString()).toBe('fieldManager=fm&force=true');
  expect(JSON.parse(apply?.body ?? '')).toEqual({ apiVersion: 'v1', kind: 'ConfigMap', metadata: ref });
});

it('sends calls one after another over one connection for reads and one for writes', async () => {
  const { server, client } = await setup({ maxConnections: 1 });
  server.answer((response) => sendJson(response, stored));
  await Promise.all([1, 2, 3].flatMap(() => [client.get(configMaps, ref), client.mergePatch(configMaps, ref, {})]));
  expect([server.calls.length, server.connections()]).toEqual([6, 2]);
});
