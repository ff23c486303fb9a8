import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import {
  ensureProcess,
  isProcessRunning,
  readStartTime,
  recordedProcesses,
  startTimeOf,
  stopProcesses,
} from './processes.ts';

let state = '';
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'processes-'));
});
afterEach(async () => {
  await stopProcesses(state, recordedProcesses(state), 0);
  rmSync(state, { recursive: true });
});

const sleeper = (seconds = '60') => ({ name: 'sleeper', binary: '/bin/sleep', args: [seconds] });
const recordPath = () => join(state, 'processes', 'sleeper.json');
const pidOf = () => (JSON.parse(readFileSync(recordPath(), 'utf8')) as { pid: number }).pid;

it('starts once, and again only when the call has changed', async () => {
  expect(await ensureProcess(state, sleeper())).toBe('started');
  const pid = pidOf();
  expect(await ensureProcess(state, sleeper())).toBe('running');
  expect(pidOf()).toBe(pid);
  expect(await ensureProcess(state, sleeper('61'))).toBe('started');
  expect(readStartTime(pid)).toBeUndefined();
});

it('does not use the temporary folder of the shell that started it', async () => {
  vi.stubEnv('TMPDIR', state);
  await ensureProcess(state, sleeper());
  const environment = readFileSync(`/proc/${pidOf()}/environ`, 'utf8').split('\0');
  expect(environment).toContain(`PATH=${process.env['PATH']}`);
  expect(environment.filter((one) => one.startsWith('TMPDIR='))).toEqual([]);
  vi.unstubAllEnvs();
});

it('stops what it started and forgets it', async () => {
  await ensureProcess(state, sleeper());
  await stopProcesses(state, ['sleeper']);
  expect(isProcessRunning(state, 'sleeper')).toBe(false);
  expect(recordedProcesses(state)).toEqual([]);
});

it('never signals a process that reuses the pid of a dead one', async () => {
  await ensureProcess(state, sleeper());
  await stopProcesses(state, ['sleeper']);
  writeFileSync(recordPath(), JSON.stringify({ pid: process.pid, startTime: '1', fingerprint: '' }));
  expect(isProcessRunning(state, 'sleeper')).toBe(false);
  await stopProcesses(state, ['sleeper'], 0);
  expect(readStartTime(process.pid)).toBeDefined();
});

it('reports which port is taken and how to change it', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const starting = ensureProcess(state, { ...sleeper(), ports: [{ port, setting: 'CLUSTER_API_PORT' }] });
  await expect(starting).rejects.toMatchObject({
    code: 'busy',
    message: expect.stringMatching(new RegExp(`sleeper needs port ${port} .* CLUSTER_API_PORT`)) as string,
  });
  server.close();
});

it('reads the start time past names with spaces and brackets, and treats a zombie as dead', () => {
  const fields = (status: string) =>
    `12 (a (b) c) ${status} ${Array.from({ length: 30 }, (_, index) => index).join(' ')}`;
  expect(startTimeOf(fields('S'))).toBe('18');
  expect(startTimeOf(fields('Z'))).toBeUndefined();
});
