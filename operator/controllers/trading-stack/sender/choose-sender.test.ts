import { expect, it } from 'vitest';
import type { ExecutionStatus } from '../../../api/v1alpha1/trading-stack/status.ts';
import {
  NOW_MS,
  podOf,
  serviceRelease,
  stackObservation,
  senderReports,
} from '../../../../test/fixtures/stack-observation.ts';
import type { ObservedPod } from '../observe/observation.ts';
import { decideSender } from './choose-sender.ts';

const execution = podOf(serviceRelease(stackObservation(), 'execution'));
const armed = (fenceEpoch = 0): ObservedPod => senderReports('armed', 0, fenceEpoch)(execution);
const FIRST = 'demo-execution-1';
const startedAt = new Date(NOW_MS).toISOString();
const TERMS = { to: 'blue', mayTakeOver: true, nowMs: NOW_MS } as const;
const requested = (epoch: number): ExecutionStatus => ({
  active: 'none',
  epoch: epoch - 1,
  transition: { to: 'blue', epoch, startedAt, pod: FIRST },
});
const sending = (epoch: number): ExecutionStatus => ({ active: 'blue', epoch, pod: FIRST });

it.each<[string, ExecutionStatus | undefined, readonly ObservedPod[], ExecutionStatus, number | undefined]>([
  ['no pod: no sender', undefined, [], { active: 'none', epoch: 0 }, undefined],
  ['armed: records the epoch first', undefined, [armed()], requested(1), undefined],
  ['armed, epoch recorded: activates the process', requested(1), [armed()], requested(1), 1],
  [
    'activating: waits',
    requested(1),
    [senderReports('activating', 1)(execution)],
    { ...requested(1), epoch: 1 },
    undefined,
  ],
  ['active: reports the sender', requested(1), [senderReports('active', 1)(execution)], sending(1), undefined],
  ['still active: changes nothing', sending(1), [senderReports('active', 1)(execution)], sending(1), undefined],
  ['restarted: records the next epoch', sending(1), [armed(1)], { ...requested(2), pod: FIRST }, undefined],
  [
    'restarted after the fence was raised: skips the used epoch',
    requested(2),
    [armed(2)],
    { ...requested(3), epoch: 2 },
    undefined,
  ],
  ['a fence above the status: records an epoch above the fence', undefined, [armed(7)], requested(8), undefined],
  [
    'fenced: does not activate the process',
    sending(3),
    [senderReports('fenced', 3, 4)(execution)],
    { active: 'none', epoch: 4, pod: FIRST },
    undefined,
  ],
  [
    'terminating: does not activate the process',
    requested(1),
    [{ ...armed(), deleting: true }],
    requested(1),
    undefined,
  ],
  ['deleted: keeps the transition', requested(4), [], requested(4), undefined],
])('%s', (...[, previous, pods, execution, epoch]) => {
  const decision = decideSender(previous, pods, TERMS);
  expect(decision.execution).toEqual(execution);
  expect(decision.activate?.epoch).toBe(epoch);
});

it('does not activate a process on an old answer', () => {
  const { answer } = armed();
  const old = { ...armed(), answer: answer.kind === 'Answered' ? { ...answer, ageMs: 3_000, fresh: false } : answer };
  expect(decideSender(requested(1), [old], TERMS).activate).toBeUndefined();
});

it('activates only one process', () => {
  const pods = [armed(), { ...armed(), name: 'demo-execution-2', uid: 'other' }];
  expect(decideSender(requested(1), pods, TERMS).activate).toEqual({
    pod: 'demo-execution-1',
    uid: 'pod-execution',
    ip: '10.0.0.1',
    epoch: 1,
  });
});

it('does not repeat an activation that the process has just accepted', () => {
  expect(decideSender(requested(1), [{ ...armed(), accepted: 1 }], TERMS).activate).toBeUndefined();
  expect(decideSender(requested(2), [{ ...armed(), accepted: 1 }], TERMS).activate).toMatchObject({ epoch: 2 });
});

it('believes the process in the highest epoch while an outdated answer says that another one sends', () => {
  const green = { ...senderReports('active', 2)(execution), labels: { 'tradingstack.dev/colour': 'green' } };
  const transition = { from: 'blue', to: 'green', epoch: 2, startedAt, pod: FIRST } as const;
  const terms = { ...TERMS, to: 'green' } as const;
  const decision = decideSender(
    { active: 'blue', epoch: 1, transition },
    [senderReports('active', 1)(execution), green],
    terms,
  );
  expect(decision).toEqual({
    execution: { active: 'green', epoch: 2, pod: FIRST },
    drain: undefined,
    activate: undefined,
  });
});

it('keeps the transition while the new process activates and an outdated answer says that the old one sends', () => {
  const green = { ...senderReports('activating', 2)(execution), labels: { 'tradingstack.dev/colour': 'green' } };
  const transition = { from: 'blue', to: 'green', epoch: 2, startedAt, pod: FIRST } as const;
  const terms = { ...TERMS, to: 'green' } as const;
  const blue = senderReports('active', 1)(execution);
  const decision = decideSender({ active: 'blue', epoch: 1, transition }, [blue, green], terms);
  expect(decision).toEqual({
    execution: { active: 'blue', epoch: 2, pod: FIRST, transition },
    drain: undefined,
    activate: undefined,
  });
});

it.each([
  ['does not stand in for the other one before it passes its gates', false, undefined],
  ['stands in for the other one once it passes its gates', true, { from: undefined, to: 'green', epoch: 2 }],
] as const)('a colour that has not sent yet %s', (_what, mayTakeOver, transition) => {
  const green = { ...armed(1), labels: { 'tradingstack.dev/colour': 'green' } };
  const decision = decideSender({ active: 'blue', epoch: 1 }, [green], { to: 'green', mayTakeOver, nowMs: NOW_MS });
  expect(decision.execution.transition?.epoch).toBe(transition?.epoch);
  expect(decision.execution.transition?.to).toBe(transition?.to);
});
