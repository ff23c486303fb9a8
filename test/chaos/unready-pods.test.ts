import { expect, it } from 'vitest';
import { unreadyPods, type PodView } from './unready-pods.ts';

function pod(
  name: string,
  ready: string | undefined,
  change: { phase?: string; deletionTimestamp?: string } = {},
): PodView {
  const { phase = 'Running', ...metadata } = change;
  const initialized = { type: 'Initialized', status: 'True' };
  const conditions = ready === undefined ? [initialized] : [initialized, { type: 'Ready', status: ready }];
  return { metadata: { name, ...metadata }, status: { phase, conditions } };
}

it('names pods that are not ready, have no such condition yet, or are being deleted', () => {
  const pods = [
    pod('ready', 'True'),
    pod('unready', 'False'),
    pod('starting', undefined, { phase: 'Pending' }),
    pod('leaving', 'True', { deletionTimestamp: '2026-01-01T00:00:00Z' }),
    { metadata: { name: 'new' }, status: { phase: 'Pending' } },
  ];
  expect(unreadyPods(pods)).toEqual(['unready', 'starting', 'leaving', 'new']);
});

it.each(['Succeeded', 'Failed'])('leaves out a pod that has %s, as those of jobs do', (phase) => {
  expect(unreadyPods([pod('job', 'False', { phase })])).toEqual([]);
});
