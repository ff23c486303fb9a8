import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { apiCallOf, followAuditLog } from './audit-calls.ts';

function line(change: object = {}): string {
  return JSON.stringify({
    kind: 'Event',
    stage: 'ResponseComplete',
    verb: 'patch',
    userAgent: 'tradingstack-operator',
    objectRef: { resource: 'services', namespace: 'a', name: 'demo-risk' },
    responseStatus: { code: 201 },
    requestReceivedTimestamp: '2026-01-01T00:00:00.001250Z',
    stageTimestamp: '2026-01-01T00:00:00.004999Z',
    ...change,
  });
}

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'audit-calls-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('reads who asked for what, and both times to the microsecond', () => {
  const startMs = Date.parse('2026-01-01T00:00:00Z');
  expect(apiCallOf(line())).toEqual({
    agent: 'tradingstack-operator',
    verb: 'patch',
    resource: 'services',
    namespace: 'a',
    name: 'demo-risk',
    receivedMs: startMs + 1.25,
    doneMs: startMs + 4.999,
    code: 201,
  });
});

it('names the subresource', () => {
  expect(apiCallOf(line({ objectRef: { resource: 'tradingstacks', subresource: 'status' } }))).toMatchObject({
    resource: 'tradingstacks/status',
    namespace: '',
    name: '',
  });
});

it.each([
  ['a watch that ends', { verb: 'watch' }],
  ['a long request that begins', { verb: 'get', stage: 'ResponseStarted' }],
  ['a path without objects', { objectRef: undefined }],
])('does not count %s', (_what, change) => {
  expect(apiCallOf(line(change))).toBeUndefined();
});

it('counts a watch when it begins', () => {
  expect(apiCallOf(line({ verb: 'watch', stage: 'ResponseStarted' }))).toMatchObject({ verb: 'watch' });
});

it('reads what was added, waits for the end of a line, and keeps only the programs that are followed', async () => {
  const path = join(folder, 'audit.log');
  const second = line({ verb: 'delete', userAgent: 'tradingstack-operator/é' });
  writeFileSync(path, `${line()}\n${line({ userAgent: 'kube-controller-manager' })}\n${second.slice(0, 40)}`);
  const log = followAuditLog(path, (agent) => agent.startsWith('tradingstack-operator'));
  await log.read();
  expect(log.calls.map(({ verb }) => verb)).toEqual(['patch']);
  appendFileSync(path, `${second.slice(40)}\n`);
  await log.read();
  await log.read();
  expect(log.calls.map(({ verb }) => verb)).toEqual(['patch', 'delete']);
});
