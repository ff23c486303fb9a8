import { beforeEach, describe, expect, it } from 'vitest';
import { FakeSenders } from '../../../test/fixtures/fake-senders.ts';
import { annotated, decideFor, edited, runningStack } from '../../../test/fixtures/reconciled-stack.ts';
import { NOW_MS, releaseOf, stackObservation } from '../../../test/fixtures/stack-observation.ts';
import { imageSpec, SwappedStack } from '../../../test/fixtures/swaps/swapped-stack.ts';
import { APPROVE_SWAP_ANNOTATION, RETRY_ANNOTATION, ROLLBACK_ANNOTATION } from '../../api/v1alpha1/labels.ts';
import type { Observation, ObservedPod } from './observe/observation.ts';

/** The clock of the fixtures begins at midnight. */
const CLOSED = { schedule: '0 2 * * *', duration: '4h' };
const OPEN = { schedule: '0 0 * * *', duration: '4h' };
const OPENING = '2026-01-01T02:00:00.000Z';
const running = runningStack();
const good = releaseOf(running).hash;
let senders: FakeSenders;
let swapped: SwappedStack;

beforeEach(() => {
  senders = new FakeSenders();
  swapped = new SwappedStack(senders);
});

const steps: SwappedStack['steps'] = (...terms) => swapped.steps(...terms);
const spec = (tag: string, window: object | undefined, swap: object = {}) =>
  imageSpec(tag, { swap: { postSwitchSoakSeconds: 0, ...swap }, rollout: window === undefined ? {} : { window } });
const at = (observation: Observation, time: string): Observation => ({ ...observation, nowMs: Date.parse(time) });
const targetOf = ({ stack }: Observation) => stack.status.release?.target;
const gateOf = ({ stack }: Observation, name: string) =>
  stack.status.tiers?.at(-1)?.gates.find((gate) => gate.name === name);
/** The pods of green do not become ready. */
const unready = (pod: ObservedPod): ObservedPod =>
  pod.name.includes('green') && pod.answer.kind === 'Answered'
    ? { ...pod, answer: { ...pod.answer, statusz: { ...pod.answer.statusz, ready: false } } }
    : pod;

describe('outside the window', () => {
  it('no rollout starts, and the stack says since when and until when it waits', () => {
    const start = edited(running, spec('2.0.0', CLOSED));
    const waiting = steps(start, 3);
    const { status } = waiting.stack;
    expect(targetOf(waiting)).toBe(good);
    expect(status.release?.waiting).toEqual({
      release: releaseOf(start).hash,
      since: new Date(start.nowMs).toISOString(),
      opensAt: OPENING,
    });
    expect(status.phase).toBe('Pending');
    expect(status.conditions).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ type: 'Ready', status: 'False', reason: 'WindowClosed' }),
        expect.objectContaining({ type: 'Reconciling', status: 'True', reason: 'WindowClosed' }),
        expect.objectContaining({ type: 'Stalled', status: 'False' }),
        expect.objectContaining({ type: 'Available', status: 'True' }),
      ]),
    );
    expect(status.blockedBy).toContain(`release: WindowClosed - the maintenance window opens at ${OPENING}; release`);
    expect(swapped.events.map(({ reason }) => reason)).toEqual(['RolloutWaits']);
    expect(decideFor(waiting)).toMatchObject({ events: [], requeueAfterMs: 5_000 });
    expect({ ...decideFor(waiting).status }).toEqual(status);
  });

  it('it starts when the window opens', () => {
    const start = edited(running, spec('2.0.0', CLOSED));
    const waiting = steps(start, 3);
    const open = steps(at(waiting, OPENING), 25);
    expect(open.stack.status).toMatchObject({ phase: 'Running', release: { target: releaseOf(start).hash } });
    expect(open.stack.status.release).not.toHaveProperty('waiting');
  });

  it('the first release waits too, and nothing of it is created', () => {
    const first = stackObservation({}, spec('1.0.0', CLOSED));
    const waiting = steps(first, 3);
    expect(waiting.stack.status).toMatchObject({ phase: 'Pending', tiers: [] });
    expect(waiting.stack.status.blockedBy).toContain('WindowClosed');
    expect([waiting.deployments, waiting.jobs]).toEqual([[], []]);
    expect(targetOf(steps(at(waiting, OPENING), 2))).toBe(releaseOf(first).hash);
  });

  it('a retry waits, and counts once the window is open', () => {
    const bad = steps(edited(running, spec('2.0.0', undefined)), 16, unready);
    const back = steps({ ...bad, nowMs: bad.nowMs + 300_000 }, 16, unready);
    expect(back.stack.status.release?.failed).toBeDefined();
    const asked = annotated(edited(back, spec('2.0.0', CLOSED)), { [RETRY_ANNOTATION]: 'now' });
    const waiting = steps(asked, 3);
    expect(waiting.stack.status.release).toMatchObject({ target: good, failed: {}, waiting: { opensAt: OPENING } });
    expect(waiting.stack.status.release).not.toHaveProperty('retried');
    expect(decideFor(at(waiting, OPENING)).status?.release).toMatchObject({
      target: releaseOf(asked).hash,
      retried: 'now',
    });
  });

  it('a rollout that has started ends, and another edit waits', () => {
    const half = steps(edited(running, spec('2.0.0', undefined)), 2);
    const second = targetOf(half);
    const closed = steps(edited(half, spec('2.0.0', CLOSED)), 4);
    expect(closed.stack.status.tiers?.filter(({ state }) => state === 'Passed').length).toBeGreaterThan(2);
    const third = steps(edited(closed, spec('3.0.0', CLOSED)), 8);
    expect([targetOf(third), second]).toEqual([second, targetOf(closed)]);
    const passed = third.stack.status.tiers?.map(({ state }) => state);
    expect(passed).toEqual(['Passed', 'Passed', 'Passed', 'Passed', 'Passed', 'Progressing']);
  });

  it('does not turn the order of the tiers of a rollout that goes on', () => {
    const half = steps(edited(running, spec('2.0.0', undefined)), 2);
    const next = decideFor(edited(half, spec('3.0.0', CLOSED)));
    expect(next.status?.tiers?.at(-1)?.state).toBe('Waiting');
  });

  it('no swap starts, however long it waits, and the deadline counts from the opening', () => {
    const half = steps(edited(running, spec('2.0.0', undefined)), 2);
    const ready = steps(edited(half, spec('2.0.0', CLOSED)), 16);
    expect(senders.commands).toEqual([]);
    expect(gateOf(ready, 'SwapAllowed')).toMatchObject({
      ok: false,
      reason: 'WindowClosed',
      message: `the swap to green waits for the maintenance window, which opens at ${OPENING}`,
    });
    const late = steps(at(ready, '2026-01-01T01:59:50Z'), 5);
    expect(late.stack.status).toMatchObject({ phase: 'Progressing', release: { target: releaseOf(ready).hash } });
    steps(at(late, OPENING), 5);
    expect(senders.active).toEqual(['green']);
    expect(swapped.events.filter(({ reason }) => reason === 'SwapWaits')).toHaveLength(1);
  });

  it('no swap starts because its colour was chosen while no process was known to send', () => {
    const half = steps(edited(running, spec('2.0.0', undefined)), 2);
    const ready = steps(edited(half, spec('2.0.0', CLOSED)), 16);
    const { status } = ready.stack;
    const transition = { to: 'green', epoch: 2, startedAt: OPENING, pod: 'demo-execution-green-0' } as const;
    const execution = { active: 'blue', epoch: 1, ...status.execution, transition } as const;
    steps({ ...ready, stack: { ...ready.stack, status: { ...status, execution } } }, 3);
    expect(senders.commands).toEqual([]);
  });

  it('a swap that has started ends', () => {
    const ready = swapped.aboutToSwap(edited(running, spec('2.0.0', undefined)));
    const done = steps(edited(ready, spec('2.0.0', CLOSED)), 5);
    expect(senders.active).toEqual(['green']);
    expect(done.stack.status.phase).toBe('Running');
  });

  it('shows the opening of another schedule', () => {
    const waiting = steps(edited(running, spec('2.0.0', CLOSED)), 2);
    const other = steps(edited(waiting, spec('2.0.0', { schedule: '0 3 * * *', duration: '1h' })), 2);
    expect(other.stack.status.blockedBy).toContain('2026-01-01T03:00:00.000Z');
    const half = steps(edited(running, spec('2.0.0', undefined)), 2);
    const ready = steps(edited(half, spec('2.0.0', CLOSED)), 16);
    const changed = steps(edited(ready, spec('2.0.0', { schedule: '0 3 * * *', duration: '1h' })), 2);
    expect(gateOf(changed, 'SwapAllowed')?.message).toContain('2026-01-01T03:00');
  });

  it('a release whose record is gone is not replaced', () => {
    const { status } = decideFor({ ...edited(running, spec('2.0.0', CLOSED)), records: new Map() });
    expect(status?.release?.target).toBe(good);
    expect(status?.blockedBy).toContain('WindowClosed');
  });
});

describe('the window does not hold up', () => {
  it('a rollback that a person asks for', () => {
    const second = steps(edited(running, spec('2.0.0', undefined)), 25);
    const closed = edited(second, spec('2.0.0', CLOSED));
    const back = steps(annotated(closed, { [ROLLBACK_ANNOTATION]: good }), 20);
    expect([targetOf(back), senders.active]).toEqual([good, ['blue']]);
    const forward = steps(annotated(back, {}), 2);
    expect(forward.stack.status.release).toMatchObject({ target: good, waiting: { release: targetOf(second) } });
  });

  it('a rollback that a person asks for when the record of the release that runs is gone', () => {
    const second = steps(edited(running, spec('2.0.0', undefined)), 25);
    const records = new Map([...second.records].filter(([hash]) => hash !== targetOf(second)));
    const closed = edited({ ...second, records }, spec('3.0.0', CLOSED));
    expect(decideFor(annotated(closed, { [ROLLBACK_ANNOTATION]: good })).status?.release?.target).toBe(good);
  });

  it('the rollback of a release that fails', () => {
    const bad = steps(edited(running, spec('2.0.0', undefined)), 16, unready);
    const closed = edited(bad, spec('2.0.0', CLOSED));
    expect(decideFor({ ...closed, nowMs: closed.nowMs + 300_000 }).status?.release?.target).toBe(good);
  });

  it('the return of the sender from its probation', () => {
    const start = swapped.until(
      edited(running, imageSpec('2.0.0')),
      ({ stack }) => stack.status.execution?.lastSwap?.soak !== undefined,
    );
    senders.evidence.green = { rejected: 3 };
    steps(edited(start, imageSpec('2.0.0', { rollout: { window: CLOSED } })), 10);
    expect(senders.active).toEqual(['blue']);
  });

  it('a sender that takes over from a lost one of the same colour', () => {
    const start = swapped.until(
      edited(running, imageSpec('2.0.0')),
      ({ stack }) => stack.status.execution?.lastSwap?.soak !== undefined,
    );
    senders.restart('green');
    senders.restart('blue');
    steps(edited(start, imageSpec('2.0.0', { rollout: { window: CLOSED } })), 6);
    expect(senders.active).toEqual(['green']);
  });

  it('a repair, and a change of replicas, even beside a release that waits', () => {
    const replicas = { services: { 'db-writer': { replicas: 2 } } };
    const waiting = edited(running, { ...spec('2.0.0', CLOSED), ...replicas });
    const { objects, status } = decideFor(waiting);
    const find = (kind: string, name: string) =>
      objects.find((object) => object.kind === kind && object.metadata?.name === name);
    expect(find('Deployment', 'demo-db-writer')).toMatchObject({ spec: { replicas: 2 } });
    expect(find('Deployment', 'demo-ws')).toBeDefined();
    expect(status?.release?.waiting).toBeDefined();
    const scaled = steps(waiting, 3);
    expect(scaled.deployments.find(({ name }) => name === 'demo-db-writer')?.replicas).toBe(2);
    expect(scaled.stack.status.release?.target).toBe(good);
  });

  it('a halt', () => {
    const { status } = decideFor(edited(running, { ...spec('2.0.0', CLOSED), halt: true }));
    expect(status?.trading?.requested).toBe('Halted');
  });

  it('a stack whose window is open', () => {
    const done = steps(edited(running, spec('2.0.0', OPEN)), 25);
    expect(done.stack.status.phase).toBe('Running');
    expect(done.nowMs).toBeGreaterThan(NOW_MS);
  });
});

describe('an approval', () => {
  it('is waited for without a deadline, and may come at any time', () => {
    const ready = steps(edited(running, spec('2.0.0', undefined, { approval: 'Manual' })), 16);
    expect(gateOf(ready, 'SwapAllowed')).toMatchObject({ ok: false, reason: 'ApprovalMissing' });
    const later = steps({ ...ready, nowMs: ready.nowMs + 3_600_000 }, 3);
    expect(later.stack.status).toMatchObject({ phase: 'Progressing', release: { target: releaseOf(ready).hash } });
    const done = steps(annotated(later, { [APPROVE_SWAP_ANNOTATION]: releaseOf(ready).hash }), 6);
    expect(done.stack.status).toMatchObject({ phase: 'Running', execution: { active: 'green' } });
  });

  it('does not keep a release that does not come up from being rolled back', () => {
    const stuck = steps(edited(running, spec('2.0.0', undefined, { approval: 'Manual' })), 16, unready);
    const late = { ...stuck, nowMs: stuck.nowMs + 300_000 };
    expect(decideFor(late).status?.release?.target).toBe(good);
  });
});
