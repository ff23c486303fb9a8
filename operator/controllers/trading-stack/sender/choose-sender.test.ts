import { expect, it } from 'vitest';
import type { ExecutionStatus } from '../../../api/v1alpha1/trading-stack/status.ts';
import {
  NOW_MS,
  podOf,
  serviceRelease,
  stackObservation,
  withRole,
} from '../../../../test/fixtures/stack-observation.ts';
import type { ObservedPod } from '../observe/observation.ts';
import { decideSender } from './choose-sender.ts';

const execution = podOf(serviceRelease(stackObservation(), 'execution'));
const armed = (fenceEpoch = 0): ObservedPod => withRole('armed', 0, fenceEpoch)(execution);
const startedAt = new Date(NOW_MS).toISOString();
const asked = (epoch: number): ExecutionStatus => ({
  active: 'none',
  epoch: epoch - 1,
  transition: { to: 'blue', epoch, startedAt },
});
const sending = (epoch: number): ExecutionStatus => ({ active: 'blue', epoch });

it.each<[string, ExecutionStatus | undefined, readonly ObservedPod[], ExecutionStatus, number | undefined]>([
  ['nobody there', undefined, [], { active: 'none', epoch: 0 }, undefined],
  ['armed: the epoch is written first', undefined, [armed()], asked(1), undefined],
  ['armed and written: the process is told', asked(1), [armed()], asked(1), 1],
  ['told: it is on its way', asked(1), [withRole('activating', 1)(execution)], { ...asked(1), epoch: 1 }, undefined],
  ['active: done', asked(1), [withRole('active', 1)(execution)], sending(1), undefined],
  ['still active: nothing to do', sending(1), [withRole('active', 1)(execution)], sending(1), undefined],
  ['restarted: the next epoch', sending(1), [armed(1)], asked(2), undefined],
  [
    'restarted after the fence was raised: that epoch is spent',
    asked(2),
    [armed(2)],
    { ...asked(3), epoch: 2 },
    undefined,
  ],
  ['the database knows more than the status', undefined, [armed(7)], asked(8), undefined],
  [
    'fenced: nothing to tell it',
    sending(3),
    [withRole('fenced', 3, 4)(execution)],
    { active: 'none', epoch: 4 },
    undefined,
  ],
  ['on its way out: not told', asked(1), [{ ...armed(), deleting: true }], asked(1), undefined],
  ['gone: the transition stands', asked(4), [], asked(4), undefined],
])('%s', (...[, previous, pods, execution, epoch]) => {
  const decision = decideSender(previous, pods, NOW_MS);
  expect(decision.execution).toEqual(execution);
  expect(decision.activate?.epoch).toBe(epoch);
});

it('does not act on what a process said some time ago', () => {
  const { answer } = armed();
  const old = { ...armed(), answer: answer.kind === 'Answered' ? { ...answer, ageMs: 3_000 } : answer };
  expect(decideSender(asked(1), [old], NOW_MS).activate).toBeUndefined();
});

it('tells one process only', () => {
  const pods = [armed(), { ...armed(), name: 'demo-execution-2', uid: 'other' }];
  expect(decideSender(asked(1), pods, NOW_MS).activate).toEqual({
    pod: 'demo-execution-1',
    uid: 'pod-execution',
    ip: '10.0.0.1',
    epoch: 1,
  });
});
