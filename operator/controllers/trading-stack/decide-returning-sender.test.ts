import { beforeEach, describe, expect, it } from 'vitest';
import { FakeSenders } from '../../../test/fixtures/fake-senders.ts';
import { annotated, edited, runningStack } from '../../../test/fixtures/reconciled-stack.ts';
import { imageSpec, SwappedStack } from '../../../test/fixtures/swaps/swapped-stack.ts';
import { isSparePod, releaseOf } from '../../../test/fixtures/stack-observation.ts';
import { RETRY_ANNOTATION, ROLLBACK_ANNOTATION } from '../../api/v1alpha1/labels.ts';
import type { Observation, ObservedPod } from './observe/observation.ts';

const running = runningStack();
const good = releaseOf(running).hash;
let senders: FakeSenders;
let swapped: SwappedStack;

beforeEach(() => {
  senders = new FakeSenders();
  swapped = new SwappedStack(senders);
});

const image = (tag: string, swap: object = {}, rollout: object = {}) =>
  imageSpec(tag, { swap: { postSwitchSoakSeconds: 0, ...swap }, rollout });
const late = (current: Observation): Observation => ({ ...current, nowMs: current.nowMs + 300_000 });
const retried = (current: Observation): Observation => annotated(current, { [RETRY_ANNOTATION]: 'now' });

/** The old sender has handed over, and the new one obeys no activation. */
function stuckSwap(spec: Readonly<Record<string, unknown>> = image('2.0.0')): Observation {
  senders.deaf = ['activate green'];
  return swapped.steps(swapped.aboutToSwap(edited(running, spec)), 3);
}

/** The same, and a new process has taken the place of the old sender. */
function withoutStandby(): Observation {
  const stuck = stuckSwap();
  senders.restart('blue');
  return swapped.steps(stuck, 2);
}

const isNewSender = ({ name }: ObservedPod): boolean => name.includes('execution-green');
const silent = (pod: ObservedPod): ObservedPod =>
  isNewSender(pod) ? { ...pod, ready: false, answer: { kind: 'Silent', message: 'timeout' } } : pod;
const activating = (pod: ObservedPod): ObservedPod => {
  if (!isNewSender(pod) || isSparePod(pod) || pod.answer.kind !== 'Answered') return pod;
  const sender = { role: 'activating', epoch: 2, fenceEpoch: 2 } as const;
  return { ...pod, answer: { ...pod.answer, statusz: { ...pod.answer.statusz, sender } } };
};

describe('after the drain, the old sender sends again from the deadline on', () => {
  it.each<[string, (pod: ObservedPod) => ObservedPod]>([
    ['obeys no activation', (pod) => pod],
    ['does not answer', silent],
    ['stays activating', activating],
  ])('when the new one %s', (_what, change) => {
    const stuck = swapped.steps(stuckSwap(), 2, change);
    expect({ active: senders.active, target: stuck.stack.status.release?.target }).toEqual({
      active: [],
      target: releaseOf(stuck).hash,
    });
    const back = swapped.steps(late(stuck), 20, change);
    expect(back.stack.status).toMatchObject({
      phase: 'Stalled',
      release: { target: good, failed: { release: releaseOf(stuck).hash } },
      execution: { active: 'blue', epoch: 3 },
    });
    expect(senders.commands.filter((command) => command.includes('blue'))).toEqual(['drain blue 1', 'activate blue 3']);
  });

  it('without the canary of the new one', () => {
    const spec = imageSpec('2.0.0', { canary: { enabled: true, maxNotional: '10', durationSeconds: 60 } });
    swapped.steps(late(stuckSwap(spec)), 10);
    expect(senders.commands.at(-1)).toBe('activate blue 3');
  });

  it('if a new process has taken its place, once that passes its gates', () => {
    const checks = [{ name: 'process', ok: false, reason: 'Failing', message: '' }];
    const unready = (pod: ObservedPod): ObservedPod =>
      pod.service === 'execution' && !isNewSender(pod) && pod.answer.kind === 'Answered'
        ? { ...pod, answer: { ...pod.answer, statusz: { ...pod.answer.statusz, ready: false, checks } } }
        : pod;
    const stuck = swapped.step(withoutStandby(), unready);
    const waiting = swapped.steps(late(stuck), 16, unready);
    expect(senders.commands.join()).not.toContain('activate blue');
    swapped.steps(waiting, 4);
    expect(senders.active).toEqual(['blue']);
  });
});

describe('an edit in the middle of a swap that gets stuck', () => {
  it('does not stop the process that is chosen to send again', () => {
    const during = swapped.steps(edited(stuckSwap(), image('3.0.0')), 2);
    const next = swapped.step(late(during));
    const { execution } = next.stack.status;
    expect(execution).toMatchObject({ transition: { to: 'blue' }, blue: { release: good, desired: 2 } });
  });

  it('does not send before the approval that it asks for', () => {
    const third = {
      ...image('2.0.0', { approval: 'Manual' }),
      services: { execution: { resources: { requests: { cpu: '111m' } } } },
    };
    const during = swapped.steps(edited(stuckSwap(), third), 2);
    const after = swapped.steps(late(during), 14);
    expect(after.stack.status.execution).toMatchObject({ active: 'blue', blue: { release: good } });
    expect(senders.active).toEqual(['blue']);
  });
});

it.each([
  ['an edit', (stuck: Observation) => edited(stuck, image('3.0.0'))],
  ['a retry', retried],
])('%s after the old sender sends again is obeyed', (_what, change) => {
  const back = swapped.steps(late(withoutStandby()), 20);
  senders.deaf = [];
  const after = swapped.steps(change(back), 20);
  expect(after.stack.status.release).toMatchObject({ target: releaseOf(after).hash });
  expect(senders.active).toEqual(['green']);
});

it('a retry in the middle of a stuck swap does not keep it from its end, and is obeyed after that', () => {
  const during = swapped.steps(retried(stuckSwap()), 2);
  expect(during.stack.status.release).not.toHaveProperty('retried');
  const back = swapped.until(late(during), () => senders.active.includes('blue'));
  senders.deaf = [];
  const after = swapped.steps(back, 20);
  expect(after.stack.status).toMatchObject({
    phase: 'Running',
    release: { target: releaseOf(after).hash, retried: 'now' },
  });
});

describe('a rollback that a person asks for in the middle of a swap', () => {
  it.each([true, false])('to the last good release is done at once (autoRollback %s)', (autoRollback) => {
    const stuck = stuckSwap(image('2.0.0', {}, { autoRollback }));
    const back = swapped.steps(annotated(stuck, { [ROLLBACK_ANNOTATION]: good.slice(0, 8) }), 6);
    expect(back.stack.status.release).toMatchObject({
      target: good,
      history: [{ reason: 'RollbackRequested' }, {}, {}],
    });
    expect(senders.active).toEqual(['blue']);
  });

  it('to another release waits for its end', () => {
    const stuck = stuckSwap();
    const newest = releaseOf(stuck).hash;
    const during = swapped.steps(annotated(stuck, { [ROLLBACK_ANNOTATION]: newest.slice(0, 8) }), 4);
    expect(during.stack.status.release).toMatchObject({ target: newest, history: [{ reason: 'Changed' }, {}] });
  });
});
