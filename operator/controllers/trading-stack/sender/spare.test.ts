import { assert, constantFrom, integer, nat, property, record, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ExecutionStatus } from '../../../api/v1alpha1/trading-stack/status.ts';
import type { SenderRole } from '../../../../services/shared/contracts/statusz.ts';
import { NOW_MS, podOf, serviceRelease, stackObservation } from '../../../../test/fixtures/stack-observation.ts';
import type { ObservedPod } from '../observe/observation.ts';
import { decideSender } from './choose-sender.ts';
import { missingSpare } from './missing-spare.ts';
import { mayTakeOverFrom, takeoverAfter } from './takeover.ts';

const service = serviceRelease(stackObservation(), 'execution');
const [A, B] = ['demo-execution-1', 'demo-execution-2'];
const startedAt = new Date(NOW_MS).toISOString();
const at = (ms: number): string => new Date(NOW_MS + ms).toISOString();
const STAYS = { to: 'blue', mayTakeOver: true, nowMs: NOW_MS } as const;
const SILENT = { answer: { kind: 'Silent', message: 'timed out' } } as const;
const desired = { release: 'r', service: 's', state: 'active', ready: 2, desired: 2 } as const;

/** A pod of the colour blue: the first one, or the second one. */
function pod(name: string, role: SenderRole, epoch = 0, change: Partial<ObservedPod> = {}): ObservedPod {
  const fenceEpoch = Math.max(epoch, 1);
  return { ...podOf(service, { sender: { role, epoch, fenceEpoch } }, 'blue', name === A ? 0 : 1), ...change };
}

/** It has not answered so many requests. */
function missing({ answer, ...rest }: ObservedPod, missed: number): ObservedPod {
  return { ...rest, answer: { ...answer, missed, ...(missed < 2 ? {} : { lost: true }) } };
}

const sends = (change: Partial<ObservedPod> = {}): ObservedPod => pod(A, 'active', 1, change);
const spare = (change: Partial<ObservedPod> = {}): ObservedPod => pod(B, 'armed', 0, change);
const running: ExecutionStatus = { active: 'blue', epoch: 1, pod: A };
const taking: ExecutionStatus = { ...running, transition: { to: 'blue', epoch: 2, startedAt, pod: B } };
const decide = (previous: ExecutionStatus, pods: readonly ObservedPod[], nowMs = NOW_MS) =>
  decideSender(previous, pods, { ...STAYS, nowMs });

describe('the spare', () => {
  it('takes over from a sender that is lost: the epoch and its pod are recorded first, then it is activated', () => {
    const first = decide(running, [missing(sends(), 2), spare()]);
    expect(first).toEqual({ execution: taking, drain: undefined, activate: undefined });
    const second = decide(first.execution, [missing(sends(), 3), spare()]);
    expect(second.activate).toEqual({ pod: B, uid: 'pod-execution-2', ip: '10.0.0.1', epoch: 2 });
    expect(decide(second.execution, [missing(sends(), 3), pod(B, 'active', 2)]).execution).toEqual({
      active: 'blue',
      epoch: 2,
      pod: B,
    });
  });

  it.each<[string, readonly ObservedPod[]]>([
    ['the sender answers', [sends(), spare()]],
    ['one request to the sender fails', [missing(sends(), 1), spare()]],
    ['there is no spare', [missing(sends(), 9)]],
    ['the spare is not armed', [missing(sends(), 9), pod(B, 'warming')]],
    ['the spare is being deleted', [missing(sends(), 9), spare({ deleting: true })]],
    ['the spare does not answer either', [missing(sends(), 9), spare(SILENT)]],
  ])('does not take over while %s', (_what, pods) => {
    expect(decide(running, pods)).toEqual({ execution: running, drain: undefined, activate: undefined });
  });

  it.each<[string, ObservedPod]>([
    ['whose process has restarted', pod(A, 'warming')],
    ['that has lost the fence', pod(A, 'fenced', 1)],
    ['that is not ready and silent', sends({ ...SILENT, ready: false })],
    ['that is silent for good', sends({ answer: { kind: 'Silent', message: 'refused', missed: 7, lost: true } })],
  ])('takes over from a sender %s, at once', (_what, left) => {
    expect(decide(running, [left, spare()]).execution.transition).toMatchObject({ pod: B, epoch: 2 });
  });

  it.each<[string, ObservedPod]>([
    ['has not been asked yet', sends({ answer: { kind: 'Silent', message: 'not asked yet', pending: true } })],
    ['has missed the first request', sends({ answer: { kind: 'Silent', message: 'refused', missed: 1 } })],
  ])('waits while a new operator does not know the sender, which %s', (_what, unknown) => {
    expect(decide(running, [unknown, spare()]).execution.transition).toBeUndefined();
  });

  it('lets a pod that is deleted hand over first, for five seconds at most', () => {
    const leaving = pod(A, 'fenced', 1, { deleting: true });
    const first = decide(running, [leaving, spare()]);
    expect(first.execution.transition).toMatchObject({ pod: B, epoch: 2 });
    expect(decide(taking, [leaving, spare()], NOW_MS + 4_999).activate).toBeUndefined();
    expect(decide(taking, [leaving, spare()], NOW_MS + 5_000).activate).toMatchObject({ pod: B, epoch: 2 });
    for (const gone of [[], [sends({ deleting: true, ...SILENT })], [missing(leaving, 2)]])
      expect(decide(taking, [...gone, spare()], NOW_MS + 10).activate).toMatchObject({ pod: B, epoch: 2 });
  });

  it('that is activating is not touched, and is itself replaced when it is lost', () => {
    const activating = pod(B, 'activating', 2);
    expect(decide(taking, [missing(sends(), 5), activating])).toMatchObject({
      execution: { transition: { epoch: 2 } },
    });
    const back = decide(taking, [pod(A, 'armed'), missing(activating, 2)]);
    expect(back.execution.transition).toMatchObject({ pod: A, epoch: 3 });
  });

  it('never gets an epoch that was recorded for the other pod', () => {
    const other: ExecutionStatus = { ...taking, transition: { to: 'blue', epoch: 2, startedAt, pod: A } };
    const decision = decide(other, [pod(A, 'warming'), spare()]);
    expect(decision).toMatchObject({ activate: undefined, execution: { transition: { pod: B, epoch: 3 } } });
  });

  it('is not chosen again while the pod that was chosen is ready, in whatever order they are listed', () => {
    const [first, second] = [pod(A, 'armed'), spare()];
    for (const pods of [
      [first, second],
      [second, first],
    ])
      expect(decide(taking, pods).activate).toMatchObject({ pod: B, epoch: 2 });
  });

  it('is preferred when it has rehearsed', () => {
    const rehearsed = podOf(
      service,
      { sender: { role: 'armed', epoch: 0, fenceEpoch: 1, rehearsed: true } },
      'blue',
      1,
    );
    expect(decide(running, [pod(A, 'armed'), rehearsed]).execution.transition?.pod).toBe(B);
  });

  it('of the colour that sends takes over during a rollout, and the swap goes on from it', () => {
    const green = { ...podOf(service, {}, 'green'), ...SILENT };
    const terms = { to: 'green', mayTakeOver: false, nowMs: NOW_MS } as const;
    const { execution } = decideSender(running, [missing(sends(), 2), spare(), green], terms);
    expect(execution.transition).toMatchObject({ to: 'blue', pod: B, epoch: 2 });
  });

  it('makes one sender of any two pods, and never asks for an epoch twice', () => {
    const roles = constantFrom<SenderRole>('warming', 'armed', 'activating', 'active', 'draining', 'standby', 'fenced');
    const any = record({ role: roles, epoch: nat(5), missed: nat(3), deleting: constantFrom(false, false, true) });
    assert(
      property(tuple(any, any), integer({ min: 1, max: 6 }), constantFrom(A, B, undefined), (both, epoch, chosen) => {
        const pods = both.map(({ role, epoch: held, missed, deleting }, index) =>
          missing(pod([A, B][index] ?? A, role, held, { deleting }), missed),
        );
        const transition =
          chosen === undefined ? {} : { transition: { to: 'blue', epoch, startedAt, pod: chosen } as const };
        const { execution, activate } = decide({ ...running, ...transition }, pods);
        if (activate === undefined) return;
        expect(activate).toMatchObject({ pod: chosen, epoch });
        expect(execution.transition).toMatchObject({ pod: chosen, epoch });
        const healthy = pods.find(
          (each) => each.name !== activate.pod && !each.deleting && (each.answer.missed ?? 0) < 2,
        );
        const role = healthy?.answer.kind === 'Answered' ? healthy.answer.statusz.sender?.role : undefined;
        expect(role).not.toBe('active');
        expect(role).not.toBe('activating');
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('takeovers', () => {
  const last = { from: B, to: A, epoch: 1, at: at(0), reason: 'SenderSilent', count: 1 } as const;

  it.each([
    [1, 4_999, false],
    [1, 5_000, true],
    [2, 9_999, false],
    [2, 10_000, true],
    [6, 160_000, true],
    [9, 299_999, false],
    [50, 300_000, true],
  ])('number %i in a row delays the next one: after %i ms it is %s', (count, afterMs, allowed) => {
    const previous = { ...running, lastTakeover: { ...last, count } };
    expect(mayTakeOverFrom(sends(), previous, NOW_MS + afterMs)).toBe(allowed);
    const decision = decide(previous, [missing(sends(), 2), spare()], NOW_MS + afterMs);
    expect(decision.execution.transition !== undefined).toBe(allowed);
  });

  it('never delay one from a sender that ended, from another pod, or that has started', () => {
    const previous = { ...running, lastTakeover: last };
    expect(decide(previous, [pod(A, 'armed'), spare()]).execution.transition).toBeDefined();
    expect(mayTakeOverFrom(spare(), previous, NOW_MS)).toBe(true);
    const started = { ...taking, lastTakeover: { ...last, from: A, to: B, epoch: 2 } };
    expect(mayTakeOverFrom(sends(), started, NOW_MS)).toBe(true);
  });

  const takeover = (previous: ExecutionStatus | undefined, pods: readonly ObservedPod[], nowMs = NOW_MS) =>
    takeoverAfter(previous, { transition: taking.transition, pods, nowMs }).lastTakeover;

  it.each<[string, readonly ObservedPod[]]>([
    ['SenderSilent', [missing(sends(), 2), spare()]],
    ['SenderSilent', [sends(SILENT), spare()]],
    ['SenderEnded', [pod(A, 'warming'), spare()]],
    ['SenderDeleted', [sends({ deleting: true }), spare()]],
    ['SenderDeleted', [spare()]],
  ])('are recorded with the reason %s', (reason, pods) => {
    expect(takeover(running, pods)).toMatchObject({ from: A, to: B, epoch: 2, at: at(0), reason, count: 1 });
  });

  it.each<[string, ExecutionStatus | undefined]>([
    ['the first sender of a stack', undefined],
    ['a pod whose process sends again', { ...running, pod: B }],
    ['a swap', { ...running, active: 'green', pod: 'demo-execution-green-1' }],
    ['a transition of before', taking],
  ])('are not recorded for %s', (_what, previous) => {
    expect(takeover(previous, [spare()])).toBeUndefined();
  });

  it('count in a row unless it was calm for three pauses', () => {
    const previous = { ...running, lastTakeover: { ...last, count: 2 } };
    expect(takeover(previous, [spare()], NOW_MS + 29_999)?.count).toBe(3);
    expect(takeover(previous, [spare()], NOW_MS + 30_000)?.count).toBe(1);
  });

  it('that need another epoch stay the same takeover', () => {
    const started = { ...taking, lastTakeover: { ...last, from: A, to: B, epoch: 2, at: at(-9_000) } };
    const transition = { to: 'blue', epoch: 3, startedAt, pod: 'demo-execution-3' } as const;
    const { lastTakeover } = takeoverAfter(started, { transition, pods: [], nowMs: NOW_MS });
    expect(lastTakeover).toMatchObject({ from: A, to: 'demo-execution-3', epoch: 3, at: at(-9_000), count: 1 });
  });

  it('have a gap once both orders are known, and keep it', () => {
    const sent = (name: string, times: object): ObservedPod =>
      podOf(service, { sender: { role: 'active', epoch: 2, fenceEpoch: 2, ...times } }, 'blue', name === A ? 0 : 1);
    const started = takeover(running, [missing(sent(A, { lastSentMs: NOW_MS - 500 }), 2), spare()]);
    expect(started).toMatchObject({ lastSentAt: at(-500) });
    const previous: ExecutionStatus = { ...running, pod: B, epoch: 2, ...(started && { lastTakeover: started }) };
    const after = (firstSentMs: number | null) =>
      takeoverAfter(previous, { transition: undefined, pods: [sent(B, { firstSentMs })], nowMs: NOW_MS }).lastTakeover;
    expect(after(null)?.gapMs).toBeUndefined();
    expect(after(NOW_MS + 3_500)?.gapMs).toBe(4_000);
  });
});

describe('a missing spare', () => {
  const blue = { blue: desired };

  it.each<[string, readonly ObservedPod[]]>([
    ['there is no other pod', [sends()]],
    [`${B} is terminating`, [sends(), spare({ deleting: true })]],
    [
      `${B} waits: CrashLoopBackOff`,
      [sends(), spare({ ...SILENT, waiting: { reason: 'CrashLoopBackOff', message: '' } })],
    ],
    [`${B} does not answer`, [sends(), spare(SILENT)]],
    [`${B} does not answer`, [sends(), missing(spare(), 2)]],
    [`${B} is warming`, [sends(), pod(B, 'warming')]],
    [`${B} is fenced`, [sends(), pod(B, 'fenced', 1)]],
    ['there is no other pod', [sends(), { ...spare(), labels: { 'tradingstack.dev/colour': 'green' } }]],
  ])('is reported: %s', (why, pods) => {
    expect(missingSpare(blue, pods)).toEqual({
      reason: 'SpareMissing',
      message: `no pod could take over from ${A}: ${why}`,
    });
  });

  it.each<[string, Parameters<typeof missingSpare>[0], readonly ObservedPod[]]>([
    ['while one is armed', blue, [sends(), spare()]],
    ['while one has drained', blue, [sends(), pod(B, 'standby')]],
    ['where the spec wants one pod', { blue: { ...desired, desired: 1 } }, [sends()]],
    ['while none is known to send', blue, [spare()]],
  ])('is not reported %s', (_what, execution, pods) => {
    expect(missingSpare(execution, pods)).toBeUndefined();
  });
});
