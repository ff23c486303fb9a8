import { beforeEach, describe, expect, it } from 'vitest';
import { FakeSenders } from '../../../../test/fixtures/fake-senders.ts';
import { annotated, edited, runningStack } from '../../../../test/fixtures/reconciled-stack.ts';
import { stackObservation } from '../../../../test/fixtures/stack-observation.ts';
import { imageSpec, SwappedStack } from '../../../../test/fixtures/swaps/swapped-stack.ts';
import { ROLLBACK_ANNOTATION } from '../../../api/v1alpha1/labels.ts';
import type { Observation, ObservedPod } from '../observe/observation.ts';
import { measurementsBetween, type Measurement } from './measurements.ts';

const running = runningStack();
const good = running.stack.status.release?.target ?? '';
let senders: FakeSenders;
let swapped: SwappedStack;

beforeEach(() => {
  senders = new FakeSenders();
  swapped = new SwappedStack(senders);
});

/** Reconciles, and returns what is measured with each step. */
function measured(start: Observation, count: number, change?: (pod: ObservedPod) => ObservedPod) {
  const measurements: Measurement[] = [];
  let current = start;
  for (let index = 0; index < count; index += 1) {
    const next = swapped.step(current, change);
    measurements.push(...measurementsBetween(current.stack.status, next.stack.status));
    current = next;
  }
  return { current, measurements };
}

const spec = (tag: string, soak = 0) => imageSpec(tag, { swap: { postSwitchSoakSeconds: soak } });
const rollouts = (all: readonly Measurement[]) =>
  all.flatMap((one) => (one.kind === 'Rollout' ? [[one.outcome, one.seconds] as const] : []));
const unready = (pod: ObservedPod): ObservedPod =>
  pod.name.includes('green') && pod.answer.kind === 'Answered'
    ? { ...pod, answer: { ...pod.answer, statusz: { ...pod.answer.statusz, ready: false } } }
    : pod;

describe('a rollout', () => {
  it('is measured once, when its release runs in all tiers, and so is the first one', () => {
    senders = new FakeSenders(0);
    swapped = new SwappedStack(senders);
    const first = measured(stackObservation({}, spec('1.0.0')), 20);
    expect(rollouts(first.measurements)).toEqual([['promoted', expect.any(Number)]]);
    const second = measured(edited(first.current, spec('2.0.0', 60)), 100);
    expect(rollouts(second.measurements)).toEqual([['promoted', expect.any(Number)]]);
    expect(rollouts(second.measurements)[0]?.[1]).toBeGreaterThanOrEqual(60);
  });

  it.each([
    ['superseded by an edit', (before: Observation) => edited(before, spec('3.0.0')), 'superseded'],
    [
      'rolled back by a person',
      (before: Observation) => annotated(before, { [ROLLBACK_ANNOTATION]: good }),
      'rolled_back',
    ],
    [
      'rolled back at its deadline',
      (before: Observation) => ({ ...before, nowMs: before.nowMs + 300_000 }),
      'rolled_back',
    ],
  ])('is %s', (_what, change, outcome) => {
    const half = measured(edited(running, spec('2.0.0')), 16, unready);
    expect(rollouts(half.measurements)).toEqual([]);
    expect(rollouts(measured(change(half.current), 2, unready).measurements)).toEqual([[outcome, expect.any(Number)]]);
  });

  it('of an earlier release is not measured again when that never stopped to be current', () => {
    const half = measured(edited(running, spec('2.0.0')), 16, unready).current;
    const back = measured({ ...half, nowMs: half.nowMs + 300_000 }, 30, unready);
    expect(rollouts(back.measurements).map(([outcome]) => outcome)).toEqual(['rolled_back']);
  });
});

it('measures how long the gates of each tier waited, once the tier has passed', () => {
  const { measurements } = measured(edited(running, spec('2.0.0', 20)), 60);
  const waits = measurements.flatMap((one) => (one.kind === 'GateWait' ? [one] : []));
  const soaked = waits.filter(({ gate }) => gate === 'Soaked').map(({ seconds }) => seconds);
  expect(soaked).toHaveLength(6);
  expect(Math.max(...soaked)).toBeGreaterThanOrEqual(20);
  expect(waits.filter(({ gate }) => gate === 'SenderProven')).toHaveLength(1);
});

it('measures the gap and the overlap of a swap once', () => {
  const sent = (pod: ObservedPod): ObservedPod => {
    if (pod.answer.kind !== 'Answered' || pod.answer.statusz.sender === undefined) return pod;
    const isGreen = pod.name.includes('green');
    const times = isGreen ? { firstSentMs: 1_080, lastSentMs: 1_200 } : { firstSentMs: 500, lastSentMs: 1_000 };
    const sender = { ...pod.answer.statusz.sender, ...times };
    return { ...pod, answer: { ...pod.answer, statusz: { ...pod.answer.statusz, sender } } };
  };
  const { measurements } = measured(edited(running, spec('2.0.0')), 30, sent);
  expect(measurements.filter(({ kind }) => kind === 'Swap')).toEqual([
    { kind: 'Swap', gapSeconds: 0.08, overlapSeconds: 0 },
  ]);
});
