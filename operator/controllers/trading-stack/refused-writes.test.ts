import { expect, it } from 'vitest';
import { SETTINGS, refusingServer, STACK_DEPLOYMENT } from '../../../test/fixtures/children/refusing-server.ts';
import { NOTHING, type Decision } from './decision.ts';

const old = { kind: 'ConfigMap', name: 'old', uid: 'u', service: 'ws', applied: '', deleting: false } as const;
const command = { pod: 'demo-execution-blue-0', uid: 'u', ip: '10.0.0.7', epoch: 3 };
const decided: Decision = { ...NOTHING, status: { phase: 'Running' }, activate: command };
const deletion: Decision = { ...decided, deletions: [old, { ...old, kind: 'Service' }] };

it.each(['Forbidden', 'Invalid', 'Internal', 'BadRequest'] as const)(
  'reports a deletion that is refused with %s, goes on with the others, and activates the sender',
  async (code) => {
    const { applied, sent, stored } = refusingServer('delete ConfigMap old', code);
    await expect(applied(deletion)).rejects.toMatchObject({ code });
    const event = 'ApplyRefused Delete: ConfigMap old not deleted: refused by a webhook';
    expect(sent).toEqual(['delete ConfigMap old', 'delete Service old', 'status', event, 'activate']);
    expect(stored()?.blockedBy).toContain(`data/Applied ws: ApplyRefused - ConfigMap old not deleted: ${code}`);
  },
);

it.each(['Unavailable', 'Timeout', 'TooManyRequests'] as const)(
  'sends no further deletions after %s, so that a slow server delays neither the status nor the activation',
  async (code) => {
    const { applied, sent, stored } = refusingServer('delete ConfigMap old', code);
    await expect(applied(deletion)).rejects.toMatchObject({ code });
    const event = 'ApplyRefused Delete: ConfigMap old not deleted: refused by a webhook';
    expect(sent).toEqual(['delete ConfigMap old', 'status', event, 'activate']);
    expect(stored()?.phase).toBe('Running');
  },
);

it.each(['Forbidden', 'Unavailable'] as const)(
  'reports a Deployment that the server does not scale to zero with %s, and deletes the Jobs of its tier',
  async (code) => {
    const { applied, sent } = refusingServer('patch Deployment demo-risk', code);
    const teardown = { ...deletion, scaleToZero: ['demo-risk', 'demo-ws'], activate: undefined, deletions: [old] };
    await expect(applied(teardown)).rejects.toMatchObject({ code });
    const event = 'ApplyRefused Delete: Deployment demo-risk not scaled to zero: refused by a webhook';
    const scaled = code === 'Forbidden' ? ['patch Deployment demo-ws'] : [];
    expect(sent).toEqual(['patch Deployment demo-risk', ...scaled, 'delete ConfigMap old', 'status', event]);
  },
);

it.each<[string, string, Partial<Decision>]>([
  ['a removal of what others added', 'clear Deployment demo-ws', { objects: [STACK_DEPLOYMENT] }],
  ['an apply', 'apply ConfigMap demo-ws-1', { objects: [SETTINGS] }],
  ['a deletion', 'delete ConfigMap old', { deletions: [old] }],
])('retries %s that conflicts, without an event, and activates the sender', async (_what, write, change) => {
  const { applied, sent, stored } = refusingServer(write, 'Conflict');
  await expect(applied({ ...decided, ...change })).rejects.toMatchObject({ code: 'Conflict' });
  expect(sent).toEqual([write, 'status', 'activate']);
  expect(stored()).toMatchObject({ phase: 'Running', blockedBy: expect.stringContaining('Conflict') });
});

it.each(['Aborted', 'NotLeader'] as const)('writes nothing more after %s of a deletion', async (code) => {
  const { applied, sent } = refusingServer('delete ConfigMap old', code);
  await expect(applied(deletion)).rejects.toMatchObject({ code });
  expect(sent).toEqual(['delete ConfigMap old']);
});
