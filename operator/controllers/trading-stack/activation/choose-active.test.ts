import { describe, expect, it } from 'vitest';
import {
  NOW_MS,
  podOf,
  releaseOf,
  serviceRelease,
  stackObservation,
} from '../../../../test/fixtures/stack-observation.ts';
import { ACTIVATION_CHECK, type Statusz } from '../../../../services/shared/contracts/statusz.ts';
import type { RiskStatus } from '../../../api/v1alpha1/trading-stack/rollout/risk-status.ts';
import type { ObservedPod } from '../observe/observation.ts';
import { chooseActive, type ActiveInput } from './choose-active.ts';

const observation = stackObservation();
const target = releaseOf(observation);
const service = serviceRelease(observation, 'risk');
const next = service.hash;
const since = new Date(NOW_MS).toISOString();
const OK = { name: 'process', ok: true, reason: 'Ok', message: '' };
const FEED = { name: 'feed', ok: false, reason: 'FeedStale', message: 'old' };

interface Reported extends Partial<Statusz> {
  readonly active?: string | null;
  readonly epoch?: number;
}

/** A pod of risk that runs a service hash and reports which one is active. */
function pod(name: string, release: string, { active = null, epoch = 0, ...statusz }: Reported = {}): ObservedPod {
  const role = active === release ? 'active' : 'armed';
  const check = { ...OK, name: ACTIVATION_CHECK, ok: role === 'active' };
  const activation = { role, epoch, release: active } as const;
  const report = { release, activation, checks: [OK, check], ...statusz };
  return { ...podOf({ ...service, hash: release }, report), name, uid: name };
}

function silent(one: ObservedPod, change: Partial<ObservedPod> = {}): ObservedPod {
  return { ...one, answer: { kind: 'Silent', message: 'timeout' }, ...change };
}

function chosen(pods: readonly ObservedPod[], previous?: RiskStatus, change: Partial<ActiveInput> = {}) {
  const input = { previous, pods, target, mayActivate: true, requested: [], nowMs: NOW_MS, ...change };
  const { risk, activate, held } = chooseActive(input);
  return { risk, asked: activate === undefined ? undefined : `${activate.pod} ${activate.epoch}`, held: held?.what };
}

const old = pod('risk-old', 'old', { active: 'old', epoch: 3 });
const armed = pod('risk-new', next, { active: 'old', epoch: 3 });
const before: RiskStatus = { active: 'old', epoch: 3, pod: 'risk-old', since: '2025-12-01T00:00:00.000Z' };
const transition = { from: 'old', to: next, epoch: 4, startedAt: since, pod: 'risk-new' };

describe('which release of risk is to decide', () => {
  it('is the first one that is armed, in the first epoch', () => {
    const { risk, asked } = chosen([pod('risk-new', next)]);
    expect(asked).toBe('risk-new 1');
    expect(risk).toEqual({
      active: 'none',
      epoch: 0,
      since,
      transition: { to: next, epoch: 1, startedAt: since, pod: 'risk-new' },
    });
  });

  it('changes to that of the target once its pod is armed, in the next epoch', () => {
    expect(chosen([old, armed], before)).toEqual({
      risk: { ...before, transition },
      asked: 'risk-new 4',
      held: undefined,
    });
  });

  it('stays as it is while the pod of the target is the active one', () => {
    const active = pod('risk-new', next, { active: next, epoch: 4 });
    const { risk, asked } = chosen([pod('risk-old', 'old', { active: next, epoch: 4 }), active], {
      ...before,
      transition,
    });
    expect(asked).toBeUndefined();
    expect(risk).toEqual({ active: next, epoch: 4, pod: 'risk-new', since });
  });

  it('keeps the recorded epoch, and does not repeat what was accepted a moment ago', () => {
    const recorded = { ...before, transition };
    expect(chosen([old, armed], recorded)).toMatchObject({ risk: recorded, asked: 'risk-new 4' });
    expect(chosen([old, { ...armed, accepted: 4 }], recorded)).toMatchObject({ risk: recorded, asked: undefined });
  });

  it('asks no more once any process has seen the activation, and does not know yet which one decides', () => {
    const seen = pod('risk-old', 'old', { active: next, epoch: 4 });
    expect(chosen([seen, armed], { ...before, transition })).toEqual({
      risk: { active: 'Unknown', epoch: 4, since, transition },
      asked: undefined,
      held: undefined,
    });
  });

  it('does not take one that failed to be asked for one that does not decide', () => {
    const seen = pod('risk-old', 'old', { active: 'other', epoch: 4 });
    const other = pod('risk-other', 'other', { active: 'old', epoch: 3 });
    const failing = pod('risk-new', next, { active: 'other', epoch: 4, checks: [OK, FEED] });
    expect(chosen([seen, other, failing], before)).toMatchObject({ risk: { active: 'Unknown' }, asked: undefined });
    const long = { ...before, active: 'none', epoch: 4 };
    expect(chosen([seen, failing], long)).toMatchObject({ risk: { active: 'none' }, asked: 'risk-new 5' });
    const lagging = pod('risk-old', 'old', { active: 'old', epoch: 3 });
    expect(chosen([lagging, failing], before)).toMatchObject({ risk: { active: 'none', epoch: 4 } });
  });

  it.each<[string, readonly ObservedPod[], RiskStatus]>([
    [
      'which another release has got',
      [pod('risk-new', next, { active: 'other', epoch: 4 })],
      { ...before, transition },
    ],
    ['that was requested of another pod', [old, { ...armed, name: 'risk-newer' }], { ...before, transition }],
    ['that was requested for another release', [old, armed], { ...before, transition: { ...transition, to: 'other' } }],
  ])('takes no epoch again %s', (_what, pods, previous) => {
    expect(chosen(pods, previous).asked).toMatch(/ 5$/);
  });

  it.each<[string, readonly ObservedPod[]]>([
    ['no pod of it runs', [old]],
    ['its pod fails another check', [old, pod('risk-new', next, { active: 'old', epoch: 3, checks: [OK, FEED] })]],
    ['its pod does not answer', [old, silent(armed)]],
    [
      'its pod answered long ago',
      [old, { ...armed, answer: { ...armed.answer, fresh: false } as ObservedPod['answer'] }],
    ],
    ['its pod is deleted', [old, { ...armed, deleting: true }]],
    ['its pod has no address', [old, { ...armed, ip: undefined }]],
    [
      'its pod runs another release than its annotation says',
      [old, pod('risk-new', 'old', { active: 'old', epoch: 3 })],
    ],
    ['its pod is of a release that reports no activation', [old, { ...podOf(service), name: 'risk-new' }]],
  ])('does not change while %s', (_what, pods) => {
    const { risk, asked } = chosen(pods, before);
    expect(asked).toBeUndefined();
    expect(risk).toEqual(before);
  });

  const failing = pod('risk-new', next, { active: 'old', epoch: 3, checks: [OK, FEED] });
  const noneFor = (ms: number): RiskStatus => ({
    active: 'none',
    epoch: 3,
    since: new Date(NOW_MS - ms).toISOString(),
  });

  it('changes to one that fails a check once the active release has no pod and none has decided for 30 s', () => {
    expect(chosen([failing], before).asked).toBeUndefined();
    expect(chosen([failing], noneFor(29_000)).asked).toBeUndefined();
    expect(chosen([failing], noneFor(30_000)).asked).toBe('risk-new 4');
    expect(chosen([{ ...silent(old, { ip: undefined }), deleting: true }, failing], noneFor(30_000)).asked).toBe(
      'risk-new 4',
    );
    const never = pod('risk-new', next, { checks: [OK, FEED] });
    expect(chosen([never], { ...noneFor(30_000), epoch: 0 }).asked).toBe('risk-new 1');
  });

  it.each<[string, Partial<ObservedPod>]>([
    ['restarts its container', { started: false, ready: false }],
    ['is in a crash loop', { waiting: { reason: 'CrashLoopBackOff', message: '' } }],
    ['creates its container', { waiting: { reason: 'ContainerCreating', message: '' } }],
    ['has no address yet', { ip: undefined }],
  ])('does not change to one that fails a check while a pod of the active release %s', (_what, change) => {
    const pods = [silent(old, change), failing];
    expect(chosen(pods, before)).toMatchObject({ risk: { active: 'none' }, asked: undefined });
    expect(chosen(pods, noneFor(3_600_000)).asked).toBeUndefined();
    expect(chosen([silent(old, change), armed], before).asked).toBe('risk-new 4');
  });

  it('does not change to one that fails a check before any process has read which release is active', () => {
    const unread = pod('risk-new', next, { checks: [OK, FEED] });
    expect(chosen([unread], noneFor(3_600_000)).asked).toBeUndefined();
  });

  it('is Unknown while a process that may run does not answer, and none while no process runs', () => {
    expect(chosen([silent(old)], before).risk).toMatchObject({ active: 'Unknown', epoch: 3, since });
    expect(chosen([{ ...podOf(service), name: 'risk-older' }], before).risk).toMatchObject({ active: 'Unknown' });
    expect(chosen([], before).risk).toMatchObject({ active: 'none', epoch: 3, since });
  });

  it('does not change while the stack is suspended, blocked, or its target unknown', () => {
    expect(chosen([old, armed], before, { mayActivate: false })).toEqual({
      risk: before,
      asked: undefined,
      held: undefined,
    });
    expect(chosen([old, armed], before, { target: undefined }).asked).toBeUndefined();
  });

  it('waits until the process reports a requested halt', () => {
    const halt = { source: 'spec', state: 'Halted', author: '', reason: '', revision: 1 } as const;
    const requested = [{ ...halt, since }];
    expect(chosen([old, armed], before, { requested })).toEqual({ risk: before, asked: undefined, held: 'Halt' });
    const trading = {
      state: 'Halted',
      sources: [{ ...halt, sinceMs: NOW_MS }],
      persisted: true,
    } satisfies Statusz['trading'];
    const obeys = pod('risk-new', next, { active: 'old', epoch: 3, trading });
    expect(chosen([old, obeys], before, { requested }).asked).toBe('risk-new 4');
  });

  it('goes back to an earlier release in the same way', () => {
    const failed = pod('risk-bad', 'bad', { active: 'bad', epoch: 4 });
    const back = pod('risk-back', next, { active: 'bad', epoch: 4 });
    expect(chosen([failed, back], { ...before, active: 'bad', epoch: 4 }).asked).toBe('risk-back 5');
  });
});
