import { expect, it } from 'vitest';
import { FakeSenders } from '../../../test/fixtures/fake-senders.ts';
import { edited, runningStack } from '../../../test/fixtures/reconciled-stack.ts';
import { imageSpec, SwappedStack } from '../../../test/fixtures/swaps/swapped-stack.ts';
import type { ObservedPod } from './observe/observation.ts';
import { measurementsBetween } from './status/measurements.ts';

/** Orders of the old sender up to `lastMs`, and of the new one from 1,080 on. */
const sentUpTo =
  (lastMs: number) =>
  (pod: ObservedPod): ObservedPod => {
    if (pod.service !== 'execution' || pod.answer.kind !== 'Answered') return pod;
    const { sender } = pod.answer.statusz;
    if (sender === undefined) return pod;
    const isNew = pod.name.includes('green');
    const times = isNew ? { firstSentMs: 1_080, lastSentMs: 1_200 } : { firstSentMs: 500, lastSentMs: lastMs };
    return { ...pod, answer: { ...pod.answer, statusz: { ...pod.answer.statusz, sender: { ...sender, ...times } } } };
  };

it('shows an order of the old sender that comes after the swap was measured, in status, event and metric', () => {
  const swapped = new SwappedStack(new FakeSenders());
  const spec = imageSpec('2.0.0', { swap: { postSwitchSoakSeconds: 0 } });
  const measured = swapped.steps(edited(runningStack(), spec), 20, sentUpTo(1_000));
  expect(measured.stack.status.execution?.lastSwap).toMatchObject({ gapMs: 80, overlapMs: 0 });
  swapped.events.length = 0;
  const late = swapped.steps(measured, 3, sentUpTo(1_300));
  expect(late.stack.status.execution?.lastSwap).toMatchObject({ gapMs: 80, overlapMs: 220 });
  expect(swapped.events).toMatchObject([{ type: 'Warning', reason: 'SendersOverlapped' }]);
  expect(measurementsBetween(measured.stack.status, late.stack.status)).toEqual([
    { kind: 'Overlap', overlapSeconds: 0.22 },
  ]);
  const quiet = swapped.steps(late, 2, sentUpTo(1_000));
  expect(quiet.stack.status.execution?.lastSwap).toMatchObject({ overlapMs: 220 });
});
