import { beforeEach, describe, expect, it } from 'vitest';
import { FakeSenders } from '../../../test/fixtures/fake-senders.ts';
import { annotated, decideFor, edited, runningStack } from '../../../test/fixtures/reconciled-stack.ts';
import { imageSpec, SwappedStack } from '../../../test/fixtures/swaps/swapped-stack.ts';
import { afterDecision, releaseOf, withWorkloadsUp } from '../../../test/fixtures/stack-observation.ts';
import { APPROVE_SWAP_ANNOTATION, ROLLBACK_ANNOTATION } from '../../api/v1alpha1/labels.ts';
import type { Observation, ObservedPod } from './observe/observation.ts';

const running = runningStack();
const good = releaseOf(running).hash;
let senders: FakeSenders;
let swapped: SwappedStack;

beforeEach(() => {
  senders = new FakeSenders();
  swapped = new SwappedStack(senders);
});

const image = (tag: string, swap: object = {}) => imageSpec(tag, { swap: { postSwitchSoakSeconds: 0, ...swap } });
const steps: SwappedStack['steps'] = (...terms) => swapped.steps(...terms);
const aboutToSwap: SwappedStack['aboutToSwap'] = (before) => swapped.aboutToSwap(before);

const failing =
  (colour: string) =>
  (pod: ObservedPod): ObservedPod =>
    pod.name.includes(colour) ? { ...pod, ready: false, answer: { kind: 'Silent', message: 'refused' } } : pod;
const replicasOf = ({ deployments }: Observation) =>
  Object.fromEntries(
    deployments.filter(({ service }) => service === 'execution').map((one) => [one.name, one.replicas]),
  );

describe('a new release of the sender', () => {
  it('is rolled out to the other colour, which takes over once it is ready, after a drain', () => {
    const ready = aboutToSwap(edited(running, image('2.0.0')));
    expect(senders.active).toEqual(['blue']);
    expect(ready.stack.status.execution).toMatchObject({
      active: 'blue',
      epoch: 1,
      transition: { from: 'blue', to: 'green', epoch: 2 },
      blue: { release: good, state: 'active' },
      green: { release: releaseOf(ready).hash, state: 'armed' },
    });
    const done = steps(ready, 4);
    expect(senders.commands).toEqual(['drain blue 1', 'activate green 2']);
    expect(done.stack.status).toMatchObject({
      phase: 'Running',
      execution: {
        active: 'green',
        epoch: 2,
        blue: { state: 'standby' },
        green: { state: 'active' },
        lastSwap: { from: 'blue', to: 'green', epoch: 2 },
      },
    });
    expect(done.stack.status.execution).not.toHaveProperty('transition');
  });

  it('leaves the old sender alone while a pod of the new one fails a gate', () => {
    const waiting = steps(edited(running, image('2.0.0')), 16, failing('green'));
    expect(senders.commands).toEqual([]);
    expect(waiting.stack.status).toMatchObject({ phase: 'Progressing', execution: { active: 'blue' } });
    expect(waiting.stack.status.execution).not.toHaveProperty('transition');
  });

  it('keeps the old one for a rollback for a while, and then its release only', () => {
    const done = steps(edited(running, image('2.0.0', { warmRollbackSeconds: 60 })), 20);
    expect(replicasOf(done)).toEqual({ 'demo-execution-blue': 2, 'demo-execution-green': 2 });
    const later = steps({ ...done, nowMs: done.nowMs + 60_000 }, 2);
    expect(replicasOf(later)).toEqual({ 'demo-execution-blue': 0, 'demo-execution-green': 2 });
    expect(later.stack.status.execution?.blue).toMatchObject({ release: good, desired: 0 });
    expect(replicasOf(steps(later, 4, failing('green')))).toMatchObject({ 'demo-execution-blue': 0 });
    const settings = later.children.filter(({ kind, service }) => kind === 'ConfigMap' && service === 'execution');
    expect(settings.length).toBeGreaterThan(0);
    const third = steps(edited(later, image('3.0.0')), 20);
    expect(senders.active).toEqual(['blue']);
    expect(third.stack.status.execution).toMatchObject({ active: 'blue', green: { state: 'standby' } });
  });

  it.each(['drain', 'activate'] as const)('goes on when the process does not obey: %s', (command) => {
    senders.deaf = [command];
    const ready = aboutToSwap(edited(running, image('2.0.0')));
    const after = steps(ready, 3);
    if (command === 'drain') expect(senders.active).toEqual(['green']);
    else expect(senders.active).toEqual([]);
    senders.deaf = [];
    const done = steps(after, 3);
    expect(senders.active).toEqual(['green']);
    expect(done.stack.status).toMatchObject({ phase: 'Running', execution: { active: 'green', epoch: 2 } });
  });

  it('goes back to the old sender, in a higher epoch, when the new one never sends', () => {
    senders.deaf = ['activate'];
    const stuck = steps(aboutToSwap(edited(running, image('2.0.0'))), 3);
    senders.deaf = [];
    senders.restart('green');
    const crashing = (pod: ObservedPod): ObservedPod =>
      pod.name.includes('green')
        ? {
            ...pod,
            ready: false,
            answer: { kind: 'Silent', message: 'refused' },
            ended: { reason: 'Error', message: 'exit 1' },
          }
        : pod;
    const back = steps(stuck, 4, crashing);
    expect(senders.active).toEqual(['blue']);
    expect(back.stack.status.execution).toMatchObject({ active: 'blue', epoch: 3 });
    expect(senders.commands.at(-1)).toBe('activate blue 3');
  });

  it('is rolled back at the deadline of the tier, to the sender that is kept', () => {
    const stuck = steps(edited(running, image('2.0.0')), 16, failing('green'));
    const back = steps({ ...stuck, nowMs: stuck.nowMs + 300_000 }, 12, failing('green'));
    expect(back.stack.status).toMatchObject({
      phase: 'Stalled',
      release: { target: good },
      execution: { active: 'blue' },
    });
    expect(senders.commands).toEqual([]);
    expect(replicasOf(back)).toEqual({ 'demo-execution-blue': 2, 'demo-execution-green': 0 });
  });

  it('waits for a person where the spec asks for it, who approves one release', () => {
    const spec = image('2.0.0', { approval: 'Manual' });
    const waiting = steps(edited(running, spec), 16);
    expect(senders.commands).toEqual([]);
    const other = steps(annotated(waiting, { [APPROVE_SWAP_ANNOTATION]: good }), 3);
    const partial = steps(annotated(other, { [APPROVE_SWAP_ANNOTATION]: releaseOf(waiting).hash.slice(0, 8) }), 3);
    expect(senders.commands).toEqual([]);
    steps(annotated(partial, { [APPROVE_SWAP_ANNOTATION]: releaseOf(waiting).hash }), 4);
    expect(senders.active).toEqual(['green']);
  });

  it('does not take over for an old sender that restarts, before it may', () => {
    const checks = [{ name: 'process', ok: false, reason: 'Failing', message: '' }];
    const unready = (pod: ObservedPod): ObservedPod =>
      pod.name.includes('green') && pod.answer.kind === 'Answered'
        ? { ...pod, answer: { ...pod.answer, statusz: { ...pod.answer.statusz, ready: false, checks } } }
        : pod;
    const waiting = steps(edited(running, image('2.0.0')), 16, unready);
    senders.restart('blue');
    steps(waiting, 4, unready);
    expect(senders.active).toEqual(['blue']);
    expect(senders.commands).toEqual(['activate blue 2']);
  });
});

it('an edit in the middle of a swap waits until it has ended', () => {
  senders.deaf = ['activate'];
  const swapping = steps(aboutToSwap(edited(running, image('2.0.0'))), 2);
  const second = releaseOf(swapping).hash;
  const during = steps(edited(swapping, image('3.0.0')), 2);
  expect(during.stack.status.release?.target).toBe(second);
  senders.deaf = [];
  const after = steps(during, 24);
  expect(after.stack.status).toMatchObject({ phase: 'Running', release: { target: releaseOf(after).hash } });
});

it('a swap whose new sender never sends is given up at the deadline of the tier', () => {
  senders.deaf = ['activate'];
  const stuck = steps(aboutToSwap(edited(running, image('2.0.0'))), 3);
  expect(stuck.stack.status.execution).toMatchObject({ active: 'none', transition: { from: 'blue', to: 'green' } });
  const late = decideFor({ ...stuck, nowMs: stuck.nowMs + 300_000 });
  expect(late.status?.release).toMatchObject({ target: good, failed: { release: releaseOf(stuck).hash } });
});

it('a halt in the middle of a swap leaves the old sender alone until the new one reports the halt', () => {
  const ready = aboutToSwap(edited(running, image('2.0.0')));
  const halted = edited(ready, { ...image('2.0.0'), halt: true });
  const { drain, activate } = decideFor(halted);
  expect([drain, activate]).toEqual([undefined, undefined]);
  steps(halted, 5);
  expect(senders.active).toEqual(['green']);
});

it.each([
  ['a deletion', { deleting: true }],
  ['a spec that cannot be read', { spec: {} }],
])('%s in the middle of a swap activates no process, and records no new epoch', (_what, change) => {
  senders.deaf = ['activate'];
  const drained = steps(aboutToSwap(edited(running, image('2.0.0'))), 2);
  expect(decideFor(drained).activate).toMatchObject({ epoch: 2 });
  senders.restart('green');
  const { drain, activate, status } = decideFor({ ...drained, stack: { ...drained.stack, ...change } });
  expect([drain, activate]).toEqual([undefined, undefined]);
  expect(status?.execution).toMatchObject({ active: 'none', transition: { to: 'green', epoch: 2 } });
});

it('a deletion in the middle of a swap stops both colours', () => {
  const ready = aboutToSwap(edited(running, image('2.0.0')));
  const { scaleToZero } = decideFor({ ...ready, stack: { ...ready.stack, deleting: true } });
  expect(scaleToZero).toEqual(['demo-execution-blue', 'demo-execution-green']);
});

it('a person can go back to the release before at once, to the sender that is kept', () => {
  const second = steps(edited(running, image('2.0.0')), 20);
  const back = steps(annotated(second, { [ROLLBACK_ANNOTATION]: good }), 3);
  expect(senders.active).toEqual(['blue']);
  expect(back.stack.status.execution).toMatchObject({ active: 'blue', epoch: 3 });
});

it('an operator that takes over in the middle decides the same', () => {
  const ready = aboutToSwap(edited(running, image('2.0.0')));
  const { drain, activate } = decideFor(ready);
  expect(decideFor(ready)).toMatchObject({ drain, activate });
  senders.obey({ drain, activate: undefined });
  const drained = { ...withWorkloadsUp(ready, senders.report), nowMs: ready.nowMs + 1_000 };
  expect(decideFor(drained)).toMatchObject({ drain: undefined, activate: { epoch: 2 } });
  senders.obey(decideFor(drained));
  const done = steps(withWorkloadsUp(drained, senders.report), 2);
  expect(done.stack.status.execution).toMatchObject({ active: 'green', lastSwap: { epoch: 2 } });
});

it('goes on with a swap after the process of the new colour has not answered for a moment', () => {
  const ready = aboutToSwap(edited(running, image('2.0.0')));
  senders.obey(decideFor(ready));
  const outdated = (pod: ObservedPod): ObservedPod =>
    pod.service === 'execution' && pod.answer.kind === 'Answered'
      ? { ...pod, answer: { ...pod.answer, fresh: false } }
      : pod;
  const before = { ...ready, pods: ready.pods.map(outdated) };
  const after = afterDecision(before, decideFor(before));
  const done = steps(withWorkloadsUp(after, senders.report), 2);
  expect(done.stack.status.execution).toMatchObject({
    active: 'green',
    lastSwap: { from: 'blue', to: 'green', epoch: 2 },
  });
});

it.each([
  ['gap', 1_080, { gapMs: 80, overlapMs: 0 }],
  ['overlap', 950, { gapMs: 0, overlapMs: 50 }],
])('measures the %s from the orders of both', (_what, firstMs, measured) => {
  const sent = (pod: ObservedPod): ObservedPod => {
    if (pod.service !== 'execution' || pod.answer.kind !== 'Answered') return pod;
    const { sender } = pod.answer.statusz;
    if (sender === undefined) return pod;
    const isGreen = pod.name.includes('green');
    const times = isGreen ? { firstSentMs: firstMs, lastSentMs: 1_200 } : { firstSentMs: 500, lastSentMs: 1_000 };
    return { ...pod, answer: { ...pod.answer, statusz: { ...pod.answer.statusz, sender: { ...sender, ...times } } } };
  };
  const done = steps(edited(running, image('2.0.0')), 20, sent);
  expect(done.stack.status.execution?.lastSwap).toMatchObject(measured);
});

it('does not take over while the stack is blocked', () => {
  const ready = aboutToSwap(edited(running, image('2.0.0')));
  const secrets = new Map([...ready.secrets].filter(([name]) => name !== 'platform-ws'));
  const { drain, activate, status } = decideFor({ ...ready, secrets });
  expect(status?.blockedBy).toContain('SecretMissing');
  expect([drain, activate]).toEqual([undefined, undefined]);
});

it('replaces a Deployment whose selector is of an earlier version', () => {
  const selector = { 'tradingstack.dev/stack': 'demo', 'tradingstack.dev/service': 'execution' };
  const deployments = running.deployments.map((one) => (one.service === 'execution' ? { ...one, selector } : one));
  const decision = decideFor({ ...running, deployments });
  expect(decision.deletions.map(({ name }) => name)).toEqual(['demo-execution-blue']);
  expect(decision.objects.map(({ metadata }) => metadata?.name)).not.toContain('demo-execution-blue');
});
