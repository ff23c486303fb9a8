import { describe, expect, it } from 'vitest';
import { CATALOGUE } from '../../../services/shared/contracts/catalogue.ts';
import type { TradingStackStatus } from '../../api/v1alpha1/trading-stack/status.ts';
import {
  SILENT,
  conditionOf,
  decided,
  messageOf,
  obeying,
  withPods,
  withSpec,
} from '../../../test/fixtures/decided-status.ts';
import { afterReconciles, decideFor, runningStack } from '../../../test/fixtures/reconciled-stack.ts';
import {
  afterDecision,
  allSecrets,
  senderReports,
  stackObservation,
} from '../../../test/fixtures/stack-observation.ts';
import type { ObservedPod } from './observe/observation.ts';

const running = runningStack();

describe('a sender that restarts', () => {
  const restarted = withPods(running, senderReports('armed', 0, 1));
  const waiting = afterDecision(restarted, decideFor(restarted));

  it('is activated during a halt only after it reports the halt', () => {
    const halted = withSpec(waiting, { halt: true });
    expect(decideFor(halted).activate).toBeUndefined();
    expect(decideFor(obeying(halted)).activate, 'it cancels resting orders').toMatchObject({ epoch: 2 });
  });

  it('is not activated while suspended, and no epoch is recorded', () => {
    const suspended = withSpec(waiting, { suspend: true });
    expect(decideFor(suspended).activate).toBeUndefined();
    const before = withSpec(restarted, { suspend: true });
    const { active, epoch, transition } = decided(before).execution ?? {};
    const recorded = restarted.stack.status.execution;
    expect({ active, epoch, transition }).toEqual({
      active: 'none',
      epoch: recorded?.epoch,
      transition: recorded?.transition,
    });
  });

  it('is not activated on a cache of the stacks that is older than a minute', () => {
    expect(decideFor({ ...waiting, stackAgeMs: 60_000 }).activate).toMatchObject({ epoch: 2 });
    expect(decideFor({ ...waiting, stackAgeMs: 60_001 }).activate).toBeUndefined();
  });
});

describe('the observed sender', () => {
  const sender = (pods: readonly ObservedPod[]): TradingStackStatus =>
    decided({ ...running, pods: [...running.pods.filter(({ service }) => service !== 'execution'), ...pods] });
  const active = running.pods.filter(({ service }) => service === 'execution');

  it.each<[string, Partial<ObservedPod>, string, string]>([
    ['sends', {}, 'blue', 'True SenderActive'],
    ['sends although its pod is terminating', { deleting: true }, 'blue', 'True SenderActive'],
    ['does not answer', SILENT, 'Unknown', 'Unknown SenderUnknown'],
    ['does not answer and its pod is terminating', { ...SILENT, deleting: true }, 'Unknown', 'Unknown SenderUnknown'],
    ['has ended', { ...SILENT, finished: true }, 'none', 'False SenderInactive'],
    ['is starting', { ...SILENT, started: false }, 'none', 'False SenderInactive'],
    ['has no address yet', { ...SILENT, ip: undefined }, 'none', 'False SenderInactive'],
    [
      'waits for its image',
      { ...SILENT, waiting: { reason: 'ErrImagePull', message: '' } },
      'none',
      'False SenderInactive',
    ],
  ])('is right when execution %s', (_what, change, expected, available) => {
    const status = sender(active.map((pod) => ({ ...pod, ...change })));
    expect(status.execution?.active).toBe(expected);
    expect(conditionOf(status, 'Available')).toBe(available);
  });

  it('is none without a pod, even if a Secret is missing or the stack is being deleted', () => {
    expect(sender([]).execution?.active).toBe('none');
    const secrets = new Map([...allSecrets()].filter(([name]) => name !== 'platform-ws'));
    const pods = running.pods.filter(({ service }) => service !== 'execution');
    const status = decided({ ...running, secrets, pods });
    const ready = `${CATALOGUE.length - 1}/${CATALOGUE.length}`;
    expect(status).toMatchObject({ execution: { active: 'none' }, ready, phase: 'Degraded' });
    expect(conditionOf(status, 'Available')).toBe('False SenderInactive');
    const deleting = { ...running, stack: { ...running.stack, deleting: true } };
    expect(decided(deleting).execution?.active).toBe('blue');
    expect(decided({ ...deleting, pods }).execution?.active).toBe('none');
  });

  it('may be unable to send: then the stack is not available, unless it is halted', () => {
    const blocked = (reason: string) => (pod: ObservedPod) =>
      pod.answer.kind === 'Answered' && pod.answer.statusz.sender !== undefined
        ? {
            ...pod,
            answer: {
              ...pod.answer,
              statusz: {
                ...pod.answer.statusz,
                sender: { ...pod.answer.statusz.sender, maySend: false, obstacle: { reason, message: 'why' } },
              },
            },
          }
        : pod;
    const expired = sender(active.map(blocked('PermitExpired')));
    expect(conditionOf(expired, 'Available')).toBe('False SenderBlocked');
    expect(messageOf(expired, 'Available')).toBe('execution may not send: PermitExpired - why');
    expect(conditionOf(sender(active.map(blocked('Halted'))), 'Available')).toBe('True SenderActive');
  });
});

it('evaluates tiers and services as observed while a Secret is missing, and opens no tier', () => {
  const secrets = new Map([...allSecrets()].filter(([name]) => name !== 'platform-db-writer'));
  const failing = (pod: ObservedPod): ObservedPod => (pod.service === 'ws' ? { ...pod, ready: false, ...SILENT } : pod);
  const { status } = afterReconciles({ ...running, secrets }, 2, (pod) =>
    failing(senderReports('active', 1)(pod)),
  ).stack;
  expect(status.tiers?.map(({ name, state }) => `${name} ${state}`)).toContain('data Degraded');
  expect(status.services?.find(({ name }) => name === 'ws')?.message).toContain('demo-ws-1: timed out');
  expect(status.blockedBy).toContain('SecretMissing');
  const fresh = afterReconciles(stackObservation({ secrets }), 3);
  expect(fresh.stack.status.tiers).toEqual([]);
});
