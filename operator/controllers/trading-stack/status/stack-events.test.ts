import { expect, it } from 'vitest';
import type { TierStatus, TradingStackStatus } from '../../../api/v1alpha1/trading-stack/status.ts';
import { eventsBetween } from './stack-events.ts';

const since = '2026-01-01T00:00:00.000Z';
const tier = (state: TierStatus['state'], ok = true): TradingStackStatus => ({
  tiers: [
    {
      name: 'data',
      state,
      release: 'abc',
      since,
      gates: [{ name: 'Ready', ok, reason: ok ? 'Ok' : 'Disconnected', message: ok ? '' : 'redis: down', since }],
    },
  ],
});
const condition = (type: string, status: 'True' | 'False', reason: string): TradingStackStatus => ({
  conditions: [{ type, status, reason, message: 'why', observedGeneration: 1, lastTransitionTime: since }],
});

it.each<[string, TradingStackStatus, TradingStackStatus, readonly string[]]>([
  ['nothing', tier('Passed'), tier('Passed'), []],
  ['a tier starts', tier('Waiting'), tier('Progressing'), ['TierStarted: tier data is rolled out at abc']],
  ['a tier passes', tier('Progressing'), tier('Passed'), ['TierPassed: tier data passed all gates at abc']],
  [
    'a tier degrades',
    tier('Passed'),
    tier('Degraded', false),
    ['TierDegraded: tier data does not hold Ready:  Disconnected - redis: down'],
  ],
  ['a tier recovers', tier('Degraded', false), tier('Passed'), ['TierRecovered: tier data holds its gates again']],
  [
    'an epoch is asked for',
    {},
    { execution: { active: 'none', epoch: 0, transition: { to: 'blue', epoch: 1, startedAt: since } } },
    ['ActivationStarted: blue is to send from epoch 1 on'],
  ],
  ['a sender', {}, { execution: { active: 'blue', epoch: 1 } }, ['SenderActive: blue sends in epoch 1']],
  [
    'a sender of a new epoch',
    { execution: { active: 'blue', epoch: 1 } },
    { execution: { active: 'blue', epoch: 2 } },
    ['SenderActive: blue sends in epoch 2'],
  ],
  [
    'no sender any more',
    { execution: { active: 'blue', epoch: 1 } },
    { execution: { active: 'none', epoch: 1 } },
    ['SenderLost: blue does not send any more; nobody does'],
  ],
  ['stalled', {}, condition('Stalled', 'True', 'InvalidSpec'), ['Stalled: InvalidSpec: why']],
  ['still stalled', condition('Stalled', 'True', 'InvalidSpec'), condition('Stalled', 'True', 'InvalidSpec'), []],
  [
    'halted',
    {},
    condition('Halted', 'True', 'HaltRequested'),
    ['Halted: no new orders are sent, because spec.halt is true'],
  ],
  [
    'going on',
    condition('Halted', 'True', 'HaltRequested'),
    condition('Halted', 'False', 'NotHalted'),
    ['HaltLifted: orders may be sent again'],
  ],
  [
    'halted, with a process that comes up again',
    condition('Halted', 'True', 'HaltRequested'),
    condition('Halted', 'False', 'HaltPending'),
    [],
  ],
  [
    'a Secret is missing',
    {},
    { ...condition('Ready', 'False', 'SecretMissing'), blockedBy: 'data/SecretsPresent ws: why' },
    ['Blocked: data/SecretsPresent ws: why'],
  ],
  [
    'the same Secret is still missing',
    { ...condition('Ready', 'False', 'SecretMissing'), blockedBy: 'data/SecretsPresent ws: why' },
    { ...condition('Ready', 'False', 'SecretMissing'), blockedBy: 'data/SecretsPresent ws: why' },
    [],
  ],
  [
    'suspended',
    {},
    condition('Suspended', 'True', 'x'),
    ['Suspended: the operator changes nothing but for a halt, because spec.suspend is true'],
  ],
  ['resumed', condition('Suspended', 'True', 'x'), {}, ['Resumed: the operator works on the stack again']],
  [
    'taken down',
    { phase: 'Running' },
    { phase: 'Terminating' },
    ['TakingDown: the stack is taken down, tiers backwards'],
  ],
  [
    'a release in all tiers',
    {},
    { release: { desired: 'a', current: 'a' } },
    ['ReleaseCurrent: release a runs in all tiers'],
  ],
])('%s', (_what, before, after, told) => {
  expect(eventsBetween(before, after).map(({ reason, note }) => `${reason}: ${note}`)).toEqual(told);
});
