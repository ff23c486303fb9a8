import { expect, it } from 'vitest';
import { serviceRelease, stackObservation } from '../../../../test/fixtures/stack-observation.ts';
import type { TierStatus } from '../../../api/v1alpha1/trading-stack/status.ts';
import type { ObservedDeployment } from '../observe/observation.ts';
import { evaluateTiers } from './tiers.ts';

const START_MS = Date.UTC(2026, 0, 1);
const release = serviceRelease(stackObservation(), 'ws');

function at(seconds: number, deployment: ObservedDeployment | undefined, previous: readonly TierStatus[] = []) {
  return evaluateTiers({
    tiers: [{ name: 'data', hash: 'h', services: [release] }],
    viewOf: () => ({ release, desired: 1, deployment, job: undefined, pods: [], swap: undefined }),
    previous,
    soakSeconds: 0,
    postSwitchSoakSeconds: 0,
    maxParallel: 1,
    opens: true,
    nowMs: START_MS + seconds * 1_000,
  });
}

const firstGate = ([tier]: readonly TierStatus[]) => {
  const { reason, since = '' } = tier?.gates[0] ?? {};
  return [reason, (Date.parse(since) - START_MS) / 1_000];
};

it('starts the clock of a gate again when its reason changes, and only then', () => {
  const counts = { replicas: 1, pods: 0, updated: 0, available: 0 };
  const unseen = { name: 'demo-ws', service: 'ws', release: '', selector: {}, current: false, failure: undefined };
  const first = at(0, undefined);
  const second = at(5, { ...unseen, ...counts }, first);
  const third = at(9, { ...unseen, ...counts }, second);
  expect([first, second, third].map(firstGate)).toEqual([
    ['NotCreated', 0],
    ['NotObserved', 5],
    ['NotObserved', 5],
  ]);
});
