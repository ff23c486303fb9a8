import { expect, it } from 'vitest';
import type { TierStatus, TradingStackStatus } from '../../../../api/v1alpha1/trading-stack/status.ts';
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

const sources = (['Active', 'Reducing', 'Flattening'] as const).map((state) => ({
  source: state === 'Active' ? 'annotation' : 'desk',
  state,
  author: 'ada',
  reason: 'why',
  revision: 1,
  since,
}));
const trading = (
  requested: 'Active' | 'Reducing' | 'Flattening' | 'Halted',
  active: boolean,
  ignored?: string,
): TradingStackStatus => ({
  trading: { state: 'Active', requested, since, sources, ...(ignored === undefined ? {} : { ignored }) },
  halt: { active, ...(requested === 'Halted' ? { by: 'spec', since } : {}) },
});

const risk = (
  active: string,
  epoch: number,
  transition?: NonNullable<TradingStackStatus['risk']>['transition'],
): TradingStackStatus => ({ risk: { active, epoch, since, ...(transition === undefined ? {} : { transition }) } });
const toNext = { from: '4f3a', to: '9b1c', epoch: 2, startedAt: since, pod: 'demo-risk-2' };
const { from: _first, ...toFirst } = toNext;

it.each<[string, TradingStackStatus, TradingStackStatus, readonly string[]]>([
  [
    'the activation of the first release of risk starts',
    risk('none', 0),
    risk('none', 0, toFirst),
    ['ReleaseActivationStarted: activating release 9b1c of risk (demo-risk-2) in epoch 2'],
  ],
  [
    'the activation of another release of risk starts',
    risk('4f3a', 1),
    risk('4f3a', 1, toNext),
    ['ReleaseActivationStarted: activating release 9b1c of risk (demo-risk-2) in epoch 2, after release 4f3a'],
  ],
  ['the activation of a release of risk is repeated', risk('4f3a', 1, toNext), risk('4f3a', 1, toNext), []],
  [
    'another release of risk decides',
    risk('4f3a', 1, toNext),
    risk('9b1c', 2),
    ['ReleaseActive: release 9b1c of risk decides in epoch 2'],
  ],
  [
    'the release of risk that decides is active in another epoch',
    risk('9b1c', 2),
    risk('9b1c', 3),
    ['ReleaseActive: release 9b1c of risk decides in epoch 3'],
  ],
  ['it is unknown which release of risk decides', risk('9b1c', 2), risk('Unknown', 2), []],
  ['the process of risk that decides answers again', risk('Unknown', 2), risk('9b1c', 2), []],
  [
    'the process of risk that decides answers again before the next activation',
    risk('Unknown', 1, toNext),
    risk('4f3a', 1, toNext),
    [],
  ],
  [
    'the release of risk that was activated answers',
    risk('Unknown', 2, toNext),
    risk('9b1c', 2),
    ['ReleaseActive: release 9b1c of risk decides in epoch 2'],
  ],
  [
    'a release of risk was activated while it was unknown which one decides',
    risk('Unknown', 1),
    risk('9b1c', 2),
    ['ReleaseActive: release 9b1c of risk decides in epoch 2'],
  ],
  [
    'a release of risk decides again',
    risk('none', 2),
    risk('9b1c', 2),
    ['ReleaseActive: release 9b1c of risk decides in epoch 2'],
  ],
  ['the stored status has no release of risk', {}, risk('9b1c', 2, toNext), []],
  [
    'no release of risk decides any more',
    risk('9b1c', 2),
    risk('none', 2),
    ['ReleaseInactive: no process of risk reports that its release decides: no entry is decided until one does'],
  ],
  ['the first processes of risk answer', risk('Unknown', 0), risk('none', 0), []],
  ['no change', tier('Passed'), tier('Passed'), []],
  ['a tier starts', tier('Waiting'), tier('Progressing'), ['TierStarted: rolling out tier data with hash abc']],
  ['a tier passes', tier('Progressing'), tier('Passed'), ['TierPassed: tier data passed all gates with hash abc']],
  [
    'a tier degrades',
    tier('Passed'),
    tier('Degraded', false),
    ['TierDegraded: tier data fails gate Ready: Disconnected - redis: down'],
  ],
  ['a tier recovers', tier('Degraded', false), tier('Passed'), ['TierRecovered: tier data passes its gates again']],
  [
    'an activation starts',
    {},
    { execution: { active: 'none', epoch: 0, transition: { to: 'blue', epoch: 1, startedAt: since } } },
    ['ActivationStarted: activating execution blue in epoch 1'],
  ],
  [
    'a sender is active',
    {},
    { execution: { active: 'blue', epoch: 1 } },
    ['SenderActive: execution blue sends orders in epoch 1'],
  ],
  [
    'a sender is active in a new epoch',
    { execution: { active: 'blue', epoch: 1 } },
    { execution: { active: 'blue', epoch: 2 } },
    ['SenderActive: execution blue sends orders in epoch 2'],
  ],
  [
    'a sender is lost',
    { execution: { active: 'blue', epoch: 1 } },
    { execution: { active: 'none', epoch: 1 } },
    ['SenderLost: execution blue is no longer active; no process sends orders'],
  ],
  ['a stack stalls', {}, condition('Stalled', 'True', 'InvalidSpec'), ['Stalled: InvalidSpec: why']],
  [
    'a stack is still stalled',
    condition('Stalled', 'True', 'InvalidSpec'),
    condition('Stalled', 'True', 'InvalidSpec'),
    [],
  ],
  ['a halt is requested', {}, trading('Halted', false), ['HaltRequested: a halt is requested by spec']],
  [
    'a halt is active',
    trading('Halted', false),
    trading('Halted', true),
    ['Halted: risk and execution have halted; requested by spec'],
  ],
  [
    'a halt is lifted',
    trading('Halted', true),
    trading('Active', false),
    ['HaltLifted: new orders may be sent again; the state was Halted'],
  ],
  ['a halt is unconfirmed while a process restarts', trading('Halted', true), trading('Halted', false), []],
  [
    'a position is to be reduced',
    {},
    trading('Reducing', false),
    ['Reducing: only orders that reduce a position are sent; requested by desk'],
  ],
  [
    'positions are to be closed',
    {},
    trading('Flattening', false),
    ['Flattening: no entries are sent and every position is sold; a halt follows; requested by desk'],
  ],
  [
    'the halt after positions are closed',
    trading('Flattening', false),
    trading('Halted', false),
    ['HaltRequested: a halt is requested by spec'],
  ],
  [
    'a lift is ignored',
    trading('Halted', true),
    trading('Halted', true, 'spec.halt is Active (written by argocd-controller)'),
    ['LiftIgnored: spec.halt is Active (written by argocd-controller)'],
  ],
  [
    'the sender does not answer',
    { execution: { active: 'blue', epoch: 1 } },
    { execution: { active: 'Unknown', epoch: 1 } },
    ['SenderUnknown: a process of execution does not answer; it may be sending'],
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
    'a stack is suspended',
    {},
    condition('Suspended', 'True', 'x'),
    [
      'Suspended: the operator changes no object because spec.suspend is true; it still sends the requested trading state',
    ],
  ],
  ['a stack is resumed', condition('Suspended', 'True', 'x'), {}, ['Resumed: the operator reconciles the stack again']],
  [
    'a stack is deleted',
    { phase: 'Running' },
    { phase: 'Terminating' },
    ['TakingDown: deleting the stack tier by tier in reverse order'],
  ],
  [
    'a release runs in all tiers',
    {},
    { release: { desired: 'a', current: 'a' } },
    ['ReleaseCurrent: release a runs in all tiers'],
  ],
])('%s', (_what, before, after, events) => {
  expect(eventsBetween(before, after).map(({ reason, note }) => `${reason}: ${note}`)).toEqual(events);
});
