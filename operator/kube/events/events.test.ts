import { expect, it } from 'vitest';
import { virtualClock } from '../../../test/harness/virtual-clock.ts';
import { createLogger, type Logger } from '../../../services/shared/runtime/logger.ts';
import type { KubeClient } from '../client/client.ts';
import { createEventRecorder, type RecordedEvent } from './events.ts';
import { KubeError } from '../client/kube-error.ts';

const silent = createLogger({ name: 'test', level: 'silent' });

function setup(maxPending = 256, log = silent) {
  const clock = virtualClock();
  const writes: string[] = [];
  const server: { failure: KubeError | undefined; ready: Promise<void>; attempts: number } = {
    failure: undefined,
    attempts: 0,
    ready: Promise.resolve(),
  };
  const write = async (entry: string): Promise<void> => {
    await server.ready;
    server.attempts += 1;
    if (server.failure !== undefined) throw server.failure;
    writes.push(entry);
  };
  const client = {
    create: (_r: unknown, { reason, series }: { reason: string; series?: { count: number } }) =>
      write(`create ${reason} ${series?.count ?? 1}`),
    mergePatch: (_r: unknown, _ref: unknown, { series }: { series: { count: number } }) =>
      write(`count ${series.count}`),
  } as unknown as KubeClient;
  const recorder = createEventRecorder({ client, clock, log, controller: 'c', instance: 'i', maxPending });
  return { clock, writes, server, recorder };
}

function event(reason: string, uid = 'u', note = 'a note'): RecordedEvent {
  const regarding = { apiVersion: 'v1', kind: 'Thing', namespace: 'ns', name: 'thing', uid };
  return { regarding, type: 'Normal', reason, action: 'Act', note };
}

it('counts repeats, and starts a new series after 6 min without the event', async () => {
  const { clock, writes, recorder } = setup();
  recorder.record(event('A'));
  await recorder.flush();
  recorder.record(event('A'));
  await recorder.flush();
  await clock.advance(6 * 60_000);
  recorder.record(event('A'));
  await recorder.flush();
  expect(writes).toEqual(['create A 1', 'count 2', 'create A 1']);
});

it('collects repeats in one write while the server is slow', async () => {
  const { writes, server, recorder } = setup();
  const ready = Promise.withResolvers<void>();
  server.ready = ready.promise;
  recorder.record(event('A'));
  await Promise.resolve();
  for (let index = 0; index < 9; index += 1) recorder.record(event('B'));
  ready.resolve();
  await recorder.flush();
  expect(writes).toEqual(['create A 1', 'create B 9']);
});

it('recreates an event that the server has deleted', async () => {
  const { writes, server, recorder } = setup();
  recorder.record(event('A'));
  await recorder.flush();
  server.failure = new KubeError('NotFound', 'x');
  recorder.record(event('A'));
  await recorder.flush();
  server.failure = undefined;
  recorder.record(event('A'));
  await recorder.flush();
  expect(writes).toEqual(['create A 1', 'count 3']);
});

it('limits one noisy reason without affecting other reasons, and logs what it drops', async () => {
  const dropped: object[] = [];
  const log = { warn: (fields: object) => dropped.push(fields) } as unknown as Logger;
  const { writes, recorder } = setup(256, log);
  for (let index = 0; index < 26; index += 1) recorder.record(event('TierPassed', 'u', `rollout ${index}`));
  recorder.record(event('Halted'));
  await recorder.flush();
  expect(writes).toHaveLength(26);
  expect(writes.at(-1)).toBe('create Halted 1');
  expect(dropped).toEqual([{ reason: 'TierPassed', kind: 'Thing', note: 'rollout 25' }]);
});

it('repeats a write while the server is busy, after the wait that it asks for', async () => {
  const { clock, writes, server, recorder } = setup();
  server.failure = new KubeError('TooManyRequests', 'x', { retryAfterMs: 20_000 });
  recorder.record(event('Halted'));
  await clock.advance(19_999);
  server.failure = undefined;
  expect(writes).toEqual([]);
  await clock.advance(1);
  expect(writes).toEqual(['create Halted 1']);
});

it('drops an event after six writes that failed, in about half a minute', async () => {
  const dropped: object[] = [];
  const log = { warn: (fields: object) => dropped.push(fields) } as unknown as Logger;
  const { clock, writes, server, recorder } = setup(256, log);
  server.failure = new KubeError('Unavailable', 'x');
  recorder.record(event('Lost'));
  await clock.advance(30_999);
  expect(dropped).toEqual([]);
  await clock.advance(1);
  expect(dropped).toMatchObject([{ reason: 'Lost' }]);
  server.failure = undefined;
  recorder.record(event('Next'));
  await recorder.flush();
  expect(writes).toEqual(['create Next 1']);
});

it('counts an event as written when only the response to its creation was lost', async () => {
  const { clock, writes, server, recorder } = setup();
  server.failure = new KubeError('Timeout', 'x');
  recorder.record(event('A'));
  await clock.advance(500);
  server.failure = new KubeError('AlreadyExists', 'x');
  await clock.advance(500);
  server.failure = undefined;
  recorder.record(event('A'));
  await recorder.flush();
  expect(writes).toEqual(['count 2']);
});

it('does not wait for a busy server once it is stopped', async () => {
  const dropped: object[] = [];
  const log = { warn: (fields: object) => dropped.push(fields) } as unknown as Logger;
  const { clock, server, recorder } = setup(256, log);
  server.failure = new KubeError('Unavailable', 'x');
  recorder.record(event('A'));
  await clock.advance(100);
  recorder.record(event('B'));
  const attempts = server.attempts;
  await recorder.stop();
  expect([clock.sleepers(), server.attempts - attempts]).toEqual([0, 2]);
  expect(dropped).toMatchObject([{ reason: 'A' }, { reason: 'B' }]);
});

it('never fails, and drops events beyond the buffer and beyond the limit per object and reason', async () => {
  const { writes, server, recorder } = setup(3);
  server.failure = new KubeError('Forbidden', 'x');
  recorder.record(event('Lost'));
  await recorder.flush();
  server.failure = undefined;
  for (let index = 0; index < 10; index += 1) recorder.record(event(`R${index}`, `uid-${index}`));
  await recorder.flush();
  expect(writes.length).toBe(3);
  for (let index = 0; index < 100; index += 1) {
    recorder.record(event('S', 'noisy', `${index}`));
    await recorder.flush();
  }
  expect(writes.length).toBe(3 + 25);
  await recorder.stop();
  recorder.record(event('Late', 'fresh'));
  await recorder.flush();
  expect(writes.length).toBe(28);
});
