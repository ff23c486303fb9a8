import { beforeEach, describe, expect, it } from 'vitest';
import { CLEAN, FakeSenders } from '../../../test/fixtures/fake-senders.ts';
import { annotated, decideFor, edited, runningStack } from '../../../test/fixtures/reconciled-stack.ts';
import { releaseOf } from '../../../test/fixtures/stack-observation.ts';
import { imageSpec, SwappedStack } from '../../../test/fixtures/swaps/swapped-stack.ts';
import type { SenderEvidence } from '../../../services/shared/contracts/statusz.ts';
import { RETRY_ANNOTATION, ROLLBACK_ANNOTATION } from '../../api/v1alpha1/labels.ts';
import { readStatus } from '../../api/v1alpha1/trading-stack/read-status.ts';
import type { Observation, ObservedPod } from './observe/observation.ts';

const running = runningStack();
const good = releaseOf(running).hash;
const SOAK = 60;
let senders: FakeSenders;
let swapped: SwappedStack;

beforeEach(() => {
  senders = new FakeSenders();
  swapped = new SwappedStack(senders);
});

/** The stack on which green has just been seen to send, in a release of this tag. */
function soaking(spec: object = imageSpec('2.0.0'), before = running): Observation {
  return swapped.until(
    edited(before, { ...spec }),
    ({ stack }) => stack.status.execution?.lastSwap?.soak !== undefined,
  );
}

const steps: SwappedStack['steps'] = (...terms) => swapped.steps(...terms);
const soakOf = ({ stack }: Observation) => stack.status.execution?.lastSwap?.soak;
const releases = ({ stack }: Observation) => stack.status.release;
const show = (evidence: Partial<SenderEvidence>): void => void (senders.evidence.green = evidence);
const later = (observation: Observation, seconds: number): Observation => ({
  ...observation,
  nowMs: observation.nowMs + seconds * 1_000,
});
const silent =
  (colour: string) =>
  (pod: ObservedPod): ObservedPod =>
    pod.service === 'execution' && pod.name.includes('green') === (colour === 'green')
      ? { ...pod, answer: { kind: 'Silent', message: 'timeout' } }
      : pod;
const reasonsOf = () => swapped.events.map(({ reason }) => reason);

const BAD: readonly [reason: string, evidence: Partial<SenderEvidence>][] = [
  ['OrdersRejected', { acknowledged: 2, rejected: 3 }],
  ['OrdersFailed', { acknowledged: 1, rejected: 1, failed: 2 }],
  ['OutcomesOverdue', { unknownOrders: 1, overdueOrders: 1 }],
  ['NewDrift', { acknowledged: 9, newDrifts: 1 }],
  ['AnswersSlow', { acknowledged: 5, medianMs: 2_001 }],
];

describe('a new sender on probation', () => {
  it('makes its release the last good one only after it has shown no problem for the soak time', () => {
    const start = soaking();
    show({ acknowledged: 12, rejected: 1, medianMs: 40 });
    const before = steps(start, SOAK - 2);
    expect(before.stack.status).toMatchObject({ phase: 'Progressing', release: { lastGood: good } });
    expect(soakOf(before)).toEqual({ state: 'Soaking', since: soakOf(start)?.since, message: '' });
    expect(before.stack.status.blockedBy).toBe(
      'execution/Soaked: Soaking - the sender is on probation: all gates must hold for 60 s after the swap',
    );
    const after = steps(before, 2);
    expect(after.stack.status).toMatchObject({ phase: 'Running', release: { lastGood: releaseOf(after).hash } });
    expect(soakOf(after)).toMatchObject({
      state: 'Passed',
      message: 'orders acknowledged: 12, rejected: 1, without an answer: 0, median of the answers 40 ms',
    });
    expect(senders.commands).toEqual(['drain blue 1', 'activate green 2']);
    expect(decideFor(steps(after, 3)).events).toEqual([]);
  });

  it('is on probation for as long as its tier soaks, where that is longer', () => {
    const start = edited(soaking(), imageSpec('2.0.0', { rollout: { soakSeconds: SOAK + 30 } }));
    const before = steps(start, SOAK + 25);
    expect(before.stack.status.release).toMatchObject({ lastGood: good });
    expect(soakOf(steps(before, 8))?.state).toBe('Passed');
  });

  it('passes in a quiet market, and says so', () => {
    const after = steps(soaking(), SOAK + 1);
    expect(soakOf(after)).toMatchObject({
      state: 'Passed',
      message: 'no order was sent: judged by its checks, outcomes and balances only',
    });
    expect(after.stack.status.phase).toBe('Running');
  });

  it.each(BAD)('is replaced by the one before, in the next epoch, and its release fails: %s', (reason, evidence) => {
    const start = steps(soaking(), 20);
    show(evidence);
    const failed = steps(start, 2);
    expect(soakOf(failed)?.state).toBe('Failed');
    const back = steps(failed, 20);
    expect(senders.commands).toEqual(['drain blue 1', 'activate green 2', 'drain green 2', 'activate blue 3']);
    expect(back.stack.status).toMatchObject({
      phase: 'Stalled',
      execution: { active: 'blue', epoch: 3, lastSwap: { from: 'green', to: 'blue', epoch: 3 } },
      release: { target: good, lastGood: good, failed: { release: releaseOf(start).hash, reason } },
    });
    expect(back.stack.status.blockedBy).toContain(`release: RolledBack - execution/SenderProven execution: ${reason}`);
    expect(back.stack.status.execution?.lastSwap).not.toHaveProperty('soak');
    const settled = later(steps(back, 90), 100_000);
    expect(decideFor(settled)).toMatchObject({ events: [], drain: undefined, activate: undefined });
  });

  it('is replaced before any tier that it depends on goes back', () => {
    const start = soaking();
    show({ rejected: 3 });
    senders.deaf = ['drain', 'activate'];
    const back = steps(start, 8);
    expect(releases(back)?.target).toBe(good);
    expect(back.stack.status.tiers?.slice(-2).map(({ state }) => state)).toEqual(['Waiting', 'Progressing']);
  });

  it('is judged by more than a refused order or two', () => {
    show({ acknowledged: 0, rejected: 1, failed: 1 });
    const after = steps(soaking(), SOAK + 1);
    expect(soakOf(after)?.state).toBe('Passed');
  });

  it('starts its time again when its evidence changes, and passes in the end', () => {
    const start = steps(soaking(), 50);
    show({ failed: 1, unknownOrders: 1 });
    const unknown = steps(start, 3);
    expect(soakOf(unknown)).toMatchObject({ state: 'Soaking', message: expect.stringContaining('OutcomesUnknown') });
    expect(Date.parse(soakOf(unknown)?.since ?? '')).toBeGreaterThan(Date.parse(soakOf(start)?.since ?? ''));
    show({ failed: 1 });
    const known = steps(unknown, SOAK - 2);
    expect(known.stack.status.phase).toBe('Progressing');
    expect(soakOf(steps(known, 4))?.state).toBe('Passed');
    expect(senders.active).toEqual(['green']);
  });

  it('neither passes nor fails while it does not answer, until the deadline of the tier', () => {
    const start = steps(soaking(), 50);
    const gone = steps(start, 30, silent('green'));
    expect(gone.stack.status).toMatchObject({ phase: 'Progressing', release: { lastGood: good } });
    expect(soakOf(gone)).toEqual(soakOf(start));
    const again = steps(gone, SOAK - 2);
    expect(again.stack.status.phase).toBe('Progressing');
    expect(steps(again, 4).stack.status.phase).toBe('Running');
    const lost = steps(later(gone, 300), 2, silent('green'));
    expect(releases(lost)).toMatchObject({ target: good, failed: { reason: expect.any(String) } });
  });

  it('has as much time as its tier and the soak together, once it sends', () => {
    const start = soaking();
    const tierSinceMs = Date.parse(start.stack.status.tiers?.at(-1)?.since ?? '');
    show({ unknownOrders: 1 });
    const at = (seconds: number): Observation => ({ ...steps(start, 2), nowMs: tierSinceMs + seconds * 1_000 });
    expect(decideFor(at(360)).status?.release).not.toHaveProperty('failed');
    expect(decideFor(at(361)).status?.release).toMatchObject({ target: good, failed: { reason: 'OutcomesUnknown' } });
  });

  it('does not pass by an old answer', () => {
    const old = (pod: ObservedPod): ObservedPod =>
      pod.answer.kind === 'Answered' ? { ...pod, answer: { ...pod.answer, ageMs: 5_000, fresh: false } } : pod;
    const start = steps(soaking(), SOAK - 4);
    const blind = steps(start, 7, old);
    expect(blind.stack.status.phase).toBe('Progressing');
    expect(steps(blind, 2).stack.status.phase).toBe('Running');
  });

  it('of a release that reports no evidence does not pass', () => {
    const old = (pod: ObservedPod): ObservedPod => {
      if (pod.answer.kind !== 'Answered' || pod.answer.statusz.sender === undefined) return pod;
      const { evidence: _none, ...sender } = pod.answer.statusz.sender;
      return { ...pod, answer: { ...pod.answer, statusz: { ...pod.answer.statusz, sender } } };
    };
    const after = steps(steps(soaking(), 1), SOAK + 10, old);
    expect(after.stack.status).toMatchObject({ phase: 'Progressing', release: { lastGood: good } });
    expect(after.stack.status.blockedBy).toContain('EvidenceMissing');
  });

  it('does not pass while it may not send, and a halt is no such problem', () => {
    const blocked =
      (reason: string) =>
      (pod: ObservedPod): ObservedPod => {
        if (pod.answer.kind !== 'Answered' || pod.answer.statusz.sender?.role !== 'active') return pod;
        const sender = { ...pod.answer.statusz.sender, maySend: false, obstacle: { reason, message: 'x' } };
        return { ...pod, answer: { ...pod.answer, statusz: { ...pod.answer.statusz, sender } } };
      };
    const start = soaking();
    expect(steps(start, SOAK + 5, blocked('DatabaseSlow')).stack.status.phase).toBe('Progressing');
    expect(steps(start, SOAK + 5, blocked('Halted')).stack.status.phase).toBe('Running');
  });

  it('keeps the one before ready, whatever the time of a warm rollback', () => {
    const start = soaking(imageSpec('2.0.0', { swap: { warmRollbackSeconds: 0 } }));
    const replicas = ({ deployments }: Observation) =>
      deployments.find(({ name }) => name === 'demo-execution-blue')?.replicas;
    const before = steps(start, SOAK - 3);
    expect(replicas(before)).toBe(2);
    expect(replicas(steps(before, 6))).toBe(0);
  });

  it('that crashes hands over to the one before, and its release fails at the deadline', () => {
    const start = steps(soaking(), 20);
    const crashed = (pod: ObservedPod): ObservedPod => {
      const gone = silent('green')(pod);
      return gone === pod ? pod : { ...gone, ready: false, ended: { reason: 'Error', message: 'exit 1' } };
    };
    const back = steps(start, 5, crashed);
    expect(senders.commands.at(-1)).toBe('activate blue 3');
    expect(releases(back)?.lastGood).toBe(good);
    expect(releases(steps(later(back, 300), 2, crashed))).toMatchObject({ target: good, failed: {} });
  });

  it('has no probation where the spec asks for none', () => {
    const after = swapped.until(
      edited(running, imageSpec('2.0.0', { swap: { postSwitchSoakSeconds: 0 } })),
      ({ stack }) => stack.status.phase === 'Running',
    );
    expect(soakOf(after)).toBeUndefined();
  });
});

describe('without autoRollback, a new sender that fails', () => {
  const spec = imageSpec('2.0.0', { rollout: { autoRollback: false } });

  it('sends on, and the stack says why', () => {
    const start = soaking(spec);
    show({ rejected: 3 });
    const after = steps(start, 5);
    expect(senders.active).toEqual(['green']);
    expect(after.stack.status).toMatchObject({ phase: 'Stalled', release: { target: releaseOf(start).hash } });
    const ready = after.stack.status.conditions?.find(({ type }) => type === 'Stalled');
    expect(ready).toMatchObject({ status: 'True', reason: 'SwapFailed' });
    expect(ready?.message).toContain('it is not rolled back because rollout.autoRollback is false');
    expect([soakOf(after)?.state, after.stack.status.release?.lastGood]).toEqual(['Failed', good]);
  });

  it('makes way for an edit', () => {
    const start = soaking(spec);
    show({ rejected: 3 });
    const next = edited(steps(start, 3), imageSpec('3.0.0', { rollout: { autoRollback: false } }));
    expect(decideFor(next).status?.release?.target).toBe(releaseOf(next).hash);
  });
});

describe('in the middle of a probation', () => {
  it('an edit waits until it has passed', () => {
    const edit = edited(steps(soaking(), 10), imageSpec('3.0.0'));
    const second = steps(edit, SOAK - 15);
    expect(releases(second)?.target).not.toBe(releaseOf(edit).hash);
    const passed = swapped.until(second, (current) => soakOf(current)?.state === 'Passed');
    const { target } = releases(second) ?? {};
    expect(releases(passed)).toMatchObject({ target, lastGood: target });
    expect(releases(steps(passed, 1))).toMatchObject({ target: releaseOf(edit).hash, lastGood: target });
  });

  it('an edit waits, too, while the new sender does not answer for a moment', () => {
    const start = steps(soaking(), 10);
    const gone = steps(start, 2, silent('green'));
    expect(gone.stack.status.execution).toMatchObject({ active: 'Unknown' });
    const edit = steps(edited(gone, imageSpec('3.0.0')), 3, silent('green'));
    expect(releases(edit)?.target).toBe(releaseOf(start).hash);
  });

  it('an edit waits until it has failed, and is rolled out then', () => {
    const edit = edited(steps(soaking(), 10), imageSpec('3.0.0'));
    const waiting = steps(edit, 3);
    expect(releases(waiting)?.target).not.toBe(releaseOf(edit).hash);
    show({ rejected: 3 });
    expect(releases(steps(waiting, 2))?.target).toBe(releaseOf(edit).hash);
  });

  it('a person can go back at once', () => {
    const start = steps(soaking(), 10);
    const asked = steps(annotated(start, { [ROLLBACK_ANNOTATION]: good }), 6);
    expect(senders.active).toEqual(['blue']);
    expect(asked.stack.status.release).toMatchObject({ target: good });
    expect(steps(asked, 20).stack.status.blockedBy).toContain('RollbackRequested');
  });

  it('a suspension loses nothing: what it showed meanwhile counts when it is over', () => {
    const start = steps(soaking(), 10);
    show({ rejected: 3 });
    const suspended = steps(edited(start, { ...imageSpec('2.0.0'), suspend: true }), 100);
    expect([senders.active, releases(suspended)?.lastGood]).toEqual([['green'], good]);
    const resumed = steps(edited(suspended, imageSpec('2.0.0')), 10);
    expect(senders.active).toEqual(['blue']);
    expect(releases(resumed)).toMatchObject({ target: good, failed: { reason: 'OrdersRejected' } });
  });

  it('a spec that cannot be read passes nothing', () => {
    const start = steps(soaking(), 10);
    const broken = steps(edited(start, { ...imageSpec('2.0.0'), mode: 'Live' }), SOAK * 2);
    expect(broken.stack.status.blockedBy).toContain('InvalidSpec');
    expect(broken.stack.status.tiers?.at(-1)).toMatchObject({ state: 'Progressing' });
    expect(releases(broken)?.lastGood).toBe(good);
  });

  it('another operator goes on from the status alone', () => {
    const start = steps(soaking(), 40);
    const status = readStatus(JSON.parse(JSON.stringify(start.stack.status)));
    expect(status).toEqual(start.stack.status);
    const taken = { ...start, stack: { ...start.stack, status } };
    expect(steps(taken, SOAK - 42).stack.status.phase).toBe('Progressing');
    expect(steps(taken, SOAK - 38).stack.status.phase).toBe('Running');
  });
});

it('a retry of the release that failed begins a new probation, in a new epoch', () => {
  const start = soaking();
  show({ rejected: 3 });
  const back = steps(start, 90);
  show(CLEAN);
  const retried = swapped.until(annotated(back, { [RETRY_ANNOTATION]: 'monday' }), (current) => {
    return current.stack.status.execution?.active === 'green' && soakOf(current) !== undefined;
  });
  expect(soakOf(retried)).toMatchObject({ state: 'Soaking' });
  const after = steps(retried, SOAK + 1);
  expect(after.stack.status).toMatchObject({ phase: 'Running', execution: { active: 'green', epoch: 4 } });
});

it('a rollback that a person asks for has no probation, nor an approval to wait for', () => {
  const manual = imageSpec('2.0.0', { swap: { postSwitchSoakSeconds: 0 } });
  const second = steps(edited(running, manual), 25);
  const spec = imageSpec('2.0.0', { swap: { approval: 'Manual', postSwitchSoakSeconds: 60 } });
  const asked = annotated(edited(second, spec), { [ROLLBACK_ANNOTATION]: good });
  expect(decideFor(asked).status?.plan?.find(({ action }) => action === 'Swap')).toMatchObject({ waitingFor: [] });
  const back = steps(asked, 20);
  expect(senders.active).toEqual(['blue']);
  expect(back.stack.status.tiers?.at(-1)?.state).toBe('Passed');
});

it('says each step once', () => {
  const start = steps(soaking(), 10);
  show({ rejected: 3 });
  steps(start, 90);
  expect(reasonsOf().filter((reason) => /Swap|Sender|Activation|Release|Roll/.test(reason))).toEqual([
    'RolloutStarted',
    'SwapStarted',
    'SenderDrained',
    'SenderActive',
    'SwapSoaking',
    'ReleaseFailed',
    'RollbackStarted',
    'SwapFailed',
    'SwapStarted',
    'SenderDrained',
    'SenderActive',
  ]);
});
