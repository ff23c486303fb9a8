import { expect, it } from 'vitest';
import { ago, NOW_MS } from '../../../test/fixtures/plugin-report.ts';
import { isPodWell, podLine } from './pod-line.ts';
import { podFactsOf, type PodObject } from './pod-view.ts';

const pod = (status: NonNullable<PodObject['status']>, deletionTimestamp?: string): PodObject => ({
  metadata: {
    name: 'demo-ws-1',
    uid: 'u',
    labels: { 'tradingstack.dev/service': 'ws', 'tradingstack.dev/colour': 'blue' },
    creationTimestamp: ago(90),
    ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
  },
  status,
});
const container = (state: object, restartCount = 0, lastState = {}) => ({
  ready: false,
  restartCount,
  state,
  lastState,
});
const ended = { terminated: { reason: 'Error', exitCode: 78, message: 'first\nsettings are invalid\n' } };

it.each<[string, PodObject, string]>([
  [
    'a container that runs',
    pod({ phase: 'Running', podIP: '10.0.0.1', containerStatuses: [{ ready: true, restartCount: 0 }] }),
    'Running, ready, 1m30s',
  ],
  [
    'one that restarted',
    pod({ phase: 'Running', containerStatuses: [container({ running: {} }, 1)] }),
    'Running, not ready, 1 restart, 1m30s',
  ],
  [
    'a crash loop',
    pod({
      phase: 'Running',
      containerStatuses: [container({ waiting: { reason: 'CrashLoopBackOff', message: 'back-off 40s' } }, 5, ended)],
    }),
    'CrashLoopBackOff, not ready, 5 restarts, 1m30s: the process ended: Error, exit code 78: settings are invalid; back-off 40s',
  ],
  [
    'a crash loop in the moment between two crashes',
    pod({ phase: 'Running', containerStatuses: [container({ running: {} }, 5, ended)] }),
    'Running, not ready, 5 restarts, 1m30s: before, the process ended: Error, exit code 78: settings are invalid',
  ],
  [
    'a restart that is over',
    pod({ phase: 'Running', containerStatuses: [{ ...container({ running: {} }, 1, ended), ready: true }] }),
    'Running, ready, 1 restart, 1m30s',
  ],
  [
    'a bad image',
    pod({
      phase: 'Pending',
      containerStatuses: [container({ waiting: { reason: 'ErrImagePull', message: 'no such image' } })],
    }),
    'ErrImagePull, not ready, 1m30s: no such image',
  ],
  [
    'no node',
    pod({
      phase: 'Pending',
      conditions: [{ type: 'PodScheduled', status: 'False', message: '0/1 nodes: insufficient cpu' }],
    }),
    'Pending, not ready, 1m30s: 0/1 nodes: insufficient cpu',
  ],
  [
    'an eviction',
    pod({ phase: 'Failed', reason: 'Evicted', message: 'low on memory' }),
    'Evicted, not ready, 1m30s: low on memory',
  ],
  [
    'a Job that is done',
    pod({ phase: 'Succeeded', containerStatuses: [container({ terminated: { exitCode: 0 } })] }),
    'Succeeded, 1m30s',
  ],
  ['a deletion', pod({ phase: 'Running', podIP: '10.0.0.1' }, ago(1)), 'Terminating, not ready, 1m30s'],
  ['nothing', { metadata: { name: 'demo-ws-1', uid: 'u' } }, 'Unknown, not ready, 0s'],
])('shows %s', (_what, object, line) => {
  expect(podLine(podFactsOf(object, NOW_MS))).toBe(`demo-ws-1  ${line}`);
});

it('is well only if it runs and is ready, or is done', () => {
  const well = (status: NonNullable<PodObject['status']>): boolean => isPodWell(podFactsOf(pod(status), NOW_MS));
  expect(well({ phase: 'Succeeded' })).toBe(true);
  expect(well({ phase: 'Running', containerStatuses: [{ ready: true, restartCount: 0 }] })).toBe(true);
  expect(well({ phase: 'Running', containerStatuses: [container({})] })).toBe(false);
  expect(well({ phase: 'Pending' })).toBe(false);
});
