import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { systemClock } from '../../services/shared/runtime/clock.ts';
import type { ServiceName } from '../../services/shared/contracts/catalogue.ts';
import { createProcessReader, hostOf, type PodTarget } from './read-statusz.ts';

const never = new AbortController().signal;
const statusz = {
  service: 'ws',
  release: 'abc',
  incarnation: 'a',
  startedAt: '2026-01-01T00:00:00.000Z',
  ready: true,
  checks: [],
  figures: {},
};

function pod(service: ServiceName, change: Partial<PodTarget> = {}): PodTarget {
  return { uid: service, service, ip: '10.0.0.1', ready: true, ...change };
}

function clockAt(times: { nowMs: number }) {
  return { ...systemClock, monotonicMs: () => times.nowMs };
}

it('requests the status of each running process at its port, including Jobs', async () => {
  const urls: string[] = [];
  const getStatusz = async (url: string): Promise<unknown> => (urls.push(url), statusz);
  const reader = createProcessReader({ clock: systemClock, getStatusz });
  const pods = [pod('ws'), pod('migrations'), pod('risk', { ip: undefined })];
  const answers = await reader.read(pods, never);
  expect(urls).toEqual(['http://10.0.0.1:8000/statusz', 'http://10.0.0.1:8079/statusz']);
  expect(answers.get('ws')).toEqual({ kind: 'Answered', statusz, ageMs: 0 });
  expect(answers.get('risk')).toEqual({ kind: 'Silent', message: 'not running yet' });
});

it('keeps the last answer of a ready pod for a while if a request fails', async () => {
  const times = { nowMs: 0 };
  let fails = false;
  const getStatusz = async (): Promise<unknown> => {
    if (fails) throw new Error('refused');
    return statusz;
  };
  const reader = createProcessReader({ clock: clockAt(times), getStatusz });
  await reader.read([pod('ws')], never);
  fails = true;
  times.nowMs = 5_000;
  expect((await reader.read([pod('ws')], never)).get('ws')).toEqual({ kind: 'Answered', statusz, ageMs: 5_000 });
  const died = pod('ws', { ready: false });
  expect((await reader.read([died], never)).get('ws')?.kind).toBe('Silent');
  times.nowMs = 7_000;
  const silent = { kind: 'Silent', message: 'no answer from /statusz: refused' };
  expect((await reader.read([pod('ws')], never)).get('ws')).toEqual(silent);
});

it('rejects a response that is not a status', async () => {
  const reader = createProcessReader({ clock: systemClock, getStatusz: async () => ({ ready: 'yes' }) });
  expect((await reader.read([pod('ws')], never)).get('ws')?.kind).toBe('Silent');
});

it('times out on a process that accepts the connection but does not answer', async () => {
  const server = createServer(() => undefined).listen(8000, '127.0.0.31');
  await new Promise((resolve) => server.once('listening', resolve));
  const reader = createProcessReader({ clock: systemClock });
  const answers = await reader.read([pod('ws', { ip: (server.address() as AddressInfo).address })], never);
  expect(answers.get('ws')).toMatchObject({ kind: 'Silent', message: expect.stringContaining('timeout') });
  server.closeAllConnections();
  server.close();
});

it('limits the size of a response', async () => {
  const server = createServer((_request, response) => {
    response.write('x'.repeat(70_000));
  }).listen(8000, '127.0.0.32');
  await new Promise((resolve) => server.once('listening', resolve));
  const reader = createProcessReader({ clock: systemClock });
  const answers = await reader.read([pod('ws', { ip: '127.0.0.32' })], never);
  expect(answers.get('ws')).toEqual({
    kind: 'Silent',
    message: 'no answer from /statusz: response exceeds 65536 bytes',
  });
  server.closeAllConnections();
  server.close();
});

it('writes addresses as hosts of URLs', () => {
  expect(hostOf('10.0.0.1')).toBe('10.0.0.1');
  expect(hostOf('fd00::1')).toBe('[fd00::1]');
});
