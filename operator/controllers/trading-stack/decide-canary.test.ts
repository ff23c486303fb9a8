import { beforeEach, describe, expect, it } from 'vitest';
import { FakeSenders } from '../../../test/fixtures/fake-senders.ts';
import { decideFor, edited, runningStack } from '../../../test/fixtures/reconciled-stack.ts';
import { imageSpec, SwappedStack } from '../../../test/fixtures/swaps/swapped-stack.ts';
import type { Observation, ObservedPod } from './observe/observation.ts';

const running = runningStack();
const CANARY = { enabled: true, maxNotional: '10', durationSeconds: 100 };
const TERMS = { colour: 'green', epoch: 2, maxNotional: '10' };
let senders: FakeSenders;
let swapped: SwappedStack;

beforeEach(() => {
  senders = new FakeSenders();
  swapped = new SwappedStack(senders);
});

const spec = (canary: object = CANARY, swap: object = {}, tag = '2.0.0') =>
  imageSpec(tag, { swap: { postSwitchSoakSeconds: 0, ...swap }, canary });
const canaryOf = ({ stack }: Observation) => stack.status.execution?.canary;
const steps: SwappedStack['steps'] = (...terms) => swapped.steps(...terms);
const reasons = () => swapped.events.map(({ reason }) => reason);

/** The stack on which green reports its canary. */
function active(given = spec()): Observation {
  return swapped.until(edited(running, given), (current) => canaryOf(current)?.state === 'Active');
}

describe('a canary', () => {
  it('is recorded before the new sender is activated with it', () => {
    const recorded = swapped.until(edited(running, spec()), (current) => canaryOf(current) !== undefined);
    expect(canaryOf(recorded)).toEqual({ state: 'Requested', ...TERMS });
    expect(senders.commands).toEqual([]);
    const after = steps(recorded, 2);
    expect(senders.commands).toEqual(['drain blue 1', 'activate green 2 canary 2 10']);
    expect(canaryOf(steps(after, 1))).toMatchObject({ state: 'Active', ...TERMS });
  });

  it('lasts until the sender has shown no problem for its time, and is lifted in the same epoch', () => {
    const start = steps(active(), 1);
    const soakedMs = Date.parse(start.stack.status.execution?.lastSwap?.soak?.since ?? '');
    expect(canaryOf(start)).toEqual({ state: 'Active', ...TERMS, until: new Date(soakedMs + 100_000).toISOString() });
    const before = steps(start, 94);
    expect([before.stack.status.phase, canaryOf(before)?.state]).toEqual(['Progressing', 'Active']);
    const lifted = swapped.until(before, (current) => canaryOf(current) === undefined);
    expect(lifted.stack.status).toMatchObject({ phase: 'Running', execution: { active: 'green', epoch: 2 } });
    expect(lifted.nowMs - soakedMs).toBeGreaterThan(100_000);
    expect(senders.commands).toEqual(['drain blue 1', 'activate green 2 canary 2 10', 'activate green 2']);
    expect(reasons().filter((reason) => reason.startsWith('Canary'))).toEqual(['CanaryStarted', 'CanaryLifted']);
    const settled = steps(lifted, 3);
    expect(decideFor(settled)).toMatchObject({ activate: undefined, drain: undefined, events: [] });
  });

  it('names the end of the probation as its end, also where that is later', () => {
    const start = steps(active(spec(CANARY, { postSwitchSoakSeconds: 300 })), 1);
    const soakedMs = Date.parse(start.stack.status.execution?.lastSwap?.soak?.since ?? '');
    expect(canaryOf(start)?.until).toBe(new Date(soakedMs + 300_000).toISOString());
  });

  it('starts its time again when the sender shows a problem that proves nothing', () => {
    const start = steps(active(), 90);
    senders.evidence.green = { unknownOrders: 1 };
    const unknown = steps(start, 3);
    senders.evidence.green = {};
    const known = steps(unknown, 90);
    expect(canaryOf(known)?.state).toBe('Active');
    expect(Date.parse(canaryOf(known)?.until ?? '')).toBeGreaterThan(unknown.nowMs + 90_000);
  });

  it('ends with a swap back, and bounds nothing of the sender before', () => {
    const start = steps(active(), 20);
    senders.evidence.green = { acknowledged: 1, rejected: 4 };
    const back = steps(start, 25);
    expect(senders.commands.slice(2)).toEqual(['drain green 2', 'activate blue 3']);
    expect(back.stack.status).toMatchObject({ phase: 'Stalled', execution: { active: 'blue', epoch: 3 } });
    expect(canaryOf(back)).toBeUndefined();
    expect(reasons()).not.toContain('CanaryLifted');
  });

  it('is kept by a process that starts again, in its epoch, with what was bought before', () => {
    const start = steps(active(), 30);
    senders.restart('green');
    const again = swapped.until(
      steps(start, 1),
      ({ stack }) => stack.status.execution?.active === 'green' && stack.status.execution.epoch === 3,
    );
    expect(senders.commands.at(-1)).toBe('activate green 3 canary 2 10');
    expect(canaryOf(steps(again, 2))).toMatchObject({ state: 'Active', epoch: 2 });
  });

  it('follows a change of the spec at once, and is lifted when the spec asks for none', () => {
    const start = steps(active(), 5);
    const lowered = steps(edited(start, spec({ ...CANARY, maxNotional: '4', symbols: ['XRP/ETH'] })), 3);
    expect(senders.commands.at(-1)).toBe('activate green 2 canary 2 4');
    expect(canaryOf(lowered)).toMatchObject({ state: 'Active', epoch: 2, maxNotional: '4', symbols: ['XRP/ETH'] });
    const count = senders.commands.length;
    const same = steps(edited(lowered, spec({ ...CANARY, maxNotional: '4.00', symbols: ['XRP/ETH'] })), 3);
    expect(senders.commands).toHaveLength(count);
    const ended = steps(edited(same, spec({ enabled: false })), 4);
    expect(senders.commands.slice(count)).toEqual(['activate green 2']);
    expect(canaryOf(ended)).toBeUndefined();
  });

  it('stays as it is while the spec cannot be read, or the stack is suspended', () => {
    const start = steps(active(), 5);
    for (const change of [{ instruments: 'none' }, { suspend: true }]) {
      const held = steps(edited(start, { ...spec(), ...change }), 3);
      expect(canaryOf(held)).toEqual(canaryOf(start));
    }
    expect(senders.commands).toHaveLength(2);
  });

  it('stays while the sender does not answer', () => {
    const silent = (pod: ObservedPod): ObservedPod =>
      pod.name.includes('green') ? { ...pod, answer: { kind: 'Silent', message: 'timeout' } } : pod;
    const start = steps(active(), 5);
    expect(canaryOf(steps(start, 3, silent))).toMatchObject(TERMS);
  });

  it('is kept by a sender that reports one of which nothing is recorded', () => {
    const start = steps(active(), 5);
    const wiped = { ...start, stack: { ...start.stack, status: {} } };
    expect(canaryOf(steps(wiped, 2))).toMatchObject({ state: 'Active', ...TERMS });
    expect(senders.commands).toHaveLength(2);
  });

  it('is lifted again if the request was lost', () => {
    const start = steps(active(), 90);
    senders.deaf = ['activate'];
    const over = swapped.until(start, (current) => canaryOf(current)?.state === 'Lifting');
    const waiting = steps(over, 5);
    expect(canaryOf(waiting)?.state).toBe('Lifting');
    senders.deaf = [];
    expect(canaryOf(steps(waiting, 3))).toBeUndefined();
    expect(senders.commands.at(-1)).toBe('activate green 2');
  });

  it('lets no process take over that knows of none: the sender before goes on', () => {
    senders.areOld = true;
    const waiting = steps(edited(running, spec()), 20);
    expect(senders.commands).toEqual([]);
    expect(waiting.stack.status.execution?.active).toBe('blue');
    const swap = waiting.stack.status.plan?.find(({ action }) => action === 'Swap');
    expect(swap?.waitingFor).toMatchObject([{ what: 'Canary' }]);
  });

  it('is in the plan of the swap, and in that of no return', () => {
    const manual = edited(running, spec(CANARY, { approval: 'Manual' }));
    const swapOf = (current: Observation) => current.stack.status.plan?.find(({ action }) => action === 'Swap');
    expect(swapOf(steps(manual, 12))?.canary).toEqual({ maxNotional: '10', durationSeconds: 100 });
    const start = steps(active(), 20);
    senders.evidence.green = { acknowledged: 1, rejected: 4 };
    const returning = swapped.until(start, (current) => swapOf(current)?.to === 'blue');
    expect(swapOf(returning)).not.toHaveProperty('canary');
  });
});

it.each([
  ['the spec asks for none', spec({ enabled: false })],
  ['nothing is said of it', imageSpec('2.0.0', { swap: { postSwitchSoakSeconds: 0 } })],
])('without a canary, because %s, the swap is as ever', (_why, given) => {
  const done = steps(edited(running, given), 20);
  expect(senders.commands).toEqual(['drain blue 1', 'activate green 2']);
  expect([done.stack.status.phase, canaryOf(done)]).toEqual(['Running', undefined]);
});

it('the first sender of a stack has no canary', () => {
  senders = new FakeSenders(0);
  swapped = new SwappedStack(senders);
  const { status: _none, ...stack } = running.stack;
  const first = { ...running, stack: { ...stack, status: {} } };
  const after = steps(edited(first, spec(CANARY, {}, '1.0.0')), 30);
  expect(senders.commands.every((command) => !command.includes('canary'))).toBe(true);
  expect(canaryOf(after)).toBeUndefined();
});
