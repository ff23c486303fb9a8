import { beforeEach, describe, expect, it } from 'vitest';
import { FakeSenders } from '../../../test/fixtures/fake-senders.ts';
import { annotated, decideFor, edited, runningStack } from '../../../test/fixtures/reconciled-stack.ts';
import {
  afterDecision,
  releaseOf,
  stackObservation,
  tradingReports,
  withWorkloadsUp,
} from '../../../test/fixtures/stack-observation.ts';
import { TIERS } from '../../../services/shared/contracts/service-row.ts';
import { APPROVE_SWAP_ANNOTATION, ROLLBACK_ANNOTATION } from '../../api/v1alpha1/labels.ts';
import { PLAN_NAMES_MAX, tradingStackStatus, type PlanStep } from '../../api/v1alpha1/trading-stack/status.ts';
import { readStatus } from '../../api/v1alpha1/trading-stack/read-status.ts';
import type { Observation, ObservedPod } from './observe/observation.ts';

const running = runningStack();
const good = releaseOf(running).hash;
let senders: FakeSenders;
beforeEach(() => {
  senders = new FakeSenders();
});

const QUICK = { rollout: { soakSeconds: 0 }, execution: { swap: { postSwitchSoakSeconds: 0 } } };
const image = (tag: string, swap: object = {}, rest: object = {}) => ({
  ...QUICK,
  release: { image: `registry.example.com/tradingstack:${tag}`, version: tag },
  execution: { swap: { postSwitchSoakSeconds: 0, ...swap } },
  ...rest,
});

type ChangePod = (pod: ObservedPod) => ObservedPod;

/** Reconciles once: the operator writes, the processes obey, and a second passes. */
function step(current: Observation, change: ChangePod = (pod) => pod): Observation {
  const decision = decideFor(current);
  senders.obey(decision);
  const up = withWorkloadsUp(afterDecision(current, decision), (pod) => change(senders.report(pod)));
  return { ...up, nowMs: up.nowMs + 1_000 };
}

function steps(before: Observation, count: number, change?: ChangePod): Observation {
  let current = before;
  for (let index = 0; index < count; index += 1) current = step(current, change);
  return current;
}

const planOf = (observation: Observation): readonly PlanStep[] => decideFor(observation).status?.plan ?? [];
const shortOf = ({ action, tier, waitingFor }: PlanStep): string =>
  [action, ...(tier === undefined ? [] : [tier]), ...waitingFor.map(({ what }) => `(${what})`)].join(' ');
const outline = (observation: Observation): readonly string[] => planOf(observation).map(shortOf);
const stepOf = (observation: Observation, action: PlanStep['action'], tier?: string): PlanStep | undefined =>
  planOf(observation).find((each) => each.action === action && (tier === undefined || each.tier === tier));
const failing =
  (colour: string): ChangePod =>
  (pod) =>
    pod.name.includes(colour) ? { ...pod, ready: false, answer: { kind: 'Silent', message: 'refused' } } : pod;

/** The changes of objects that the API server has seen, as `kind name` with what was done. */
function written(before: Observation, after: Observation): ReadonlyMap<string, string> {
  const now = new Map(after.children.map((child) => [`${child.kind}/${child.name}`, child.applied]));
  const was = new Map(before.children.map((child) => [`${child.kind}/${child.name}`, child.applied]));
  const changed = [...now].flatMap(([name, applied]): readonly (readonly [string, string])[] => {
    if (!was.has(name)) return [[name, 'create']];
    return was.get(name) === applied ? [] : [[name, 'change']];
  });
  return new Map([
    ...changed,
    ...[...was.keys()].filter((name) => !now.has(name)).map((name) => [name, 'remove'] as const),
  ]);
}

/** The operator writes no other status while nothing happens but that time passes. */
function expectIdle(observation: Observation): void {
  const later = afterDecision(observation, decideFor(observation));
  expect(decideFor({ ...later, nowMs: later.nowMs + 20_000 }).status).toEqual(later.stack.status);
}

describe('the plan of a stack', () => {
  it('that runs as its spec asks for is empty, and the status of an idle stack is not written', () => {
    const { status } = decideFor(running);
    expect(status?.plan).toEqual([]);
    expectIdle(running);
  });

  it('that the CRD does not store renews no observation', () => {
    const { plan: _dropped, ...status } = running.stack.status;
    const older = { ...running, stack: { ...running.stack, status } };
    expect(decideFor(older).status).toEqual({ ...status, plan: [] });
  });

  it('that is new has every tier in order, with its objects by name', () => {
    const plan = planOf(stackObservation({}, QUICK));
    expect(plan.map(({ tier }) => tier)).toEqual(TIERS);
    expect(plan[0]?.waitingFor).toEqual([{ what: 'Gate', message: 'foundation/JobComplete migrations: NotCreated' }]);
    // Written in this reconcile.
    expect(plan[0]).not.toHaveProperty('create');
    expect(plan.find(({ tier }) => tier === 'execution')?.create).toEqual(
      expect.arrayContaining(['Deployment/demo-execution-blue', 'Service/demo-execution']),
    );
    expect(plan.map(({ action }) => action)).not.toContain('Swap');
  });

  it('has the changed tiers of an edit, the swap after the tier of the sender, and an unknown gap', () => {
    const before = edited(running, image('2.0.0'));
    expect(outline(before)).toEqual([
      'Tier foundation (Gate)',
      'Tier venue',
      'Tier data',
      'Tier strategy',
      'Tier risk',
      'Tier execution',
      'Swap',
    ]);
    const swap = stepOf(before, 'Swap');
    expect(swap).toMatchObject({ from: 'blue', to: 'green', release: releaseOf(before).hash });
    expect(swap).not.toHaveProperty('predictedGapMs');
    expect(stepOf(before, 'Tier', 'data')).toMatchObject({
      change: ['Deployment/demo-ws', 'Deployment/demo-db-writer'],
    });
    expect(stepOf(before, 'Tier', 'execution')).toMatchObject({ create: ['Deployment/demo-execution-green'] });
  });

  it('predicts the gap that the last swap measured', () => {
    const { execution } = running.stack.status;
    if (execution === undefined) throw new Error('no sender');
    const lastSwap = { from: 'green', to: 'blue', epoch: 1, at: '2026-01-01T00:00:00Z', gapMs: 140 } as const;
    const status = { ...running.stack.status, execution: { ...execution, lastSwap } };
    const known = { ...running, stack: { ...running.stack, status } };
    expect(stepOf(edited(known, image('2.0.0')), 'Swap')?.predictedGapMs).toBe(140);
  });

  it.each([
    ['another image', image('2.0.0', { warmRollbackSeconds: 3_600 })],
    [
      'another limit',
      { ...QUICK, risk: { maxOrderNotional: '0.4', maxPositionNotional: '2', maxExposureNotional: '4' } },
    ],
    ['more memory of one service', { ...QUICK, services: { ws: { resources: { limits: { memory: '512Mi' } } } } }],
    ['a network policy only', { ...QUICK, redis: { host: 'redis.other' } }],
  ])('names every object that is written later, and no other: %s', (_what, spec) => {
    const before = edited(running, spec);
    const first = decideFor(before);
    const after = afterDecision(before, first);
    const foreseen = new Map(
      (first.status?.plan ?? []).flatMap(({ create = [], change = [], remove = [] }) => [
        ...create.map((name) => [name, 'create'] as const),
        ...change.map((name) => [name, 'change'] as const),
        ...remove.map((name) => [name, 'remove'] as const),
      ]),
    );
    const done = steps(before, 30);
    expect(done.stack.status).toMatchObject({ phase: 'Running', plan: [] });
    expect(Object.fromEntries(foreseen)).toEqual(Object.fromEntries(written(after, done)));
  });

  it('has fewer steps as they are done, until none is left', () => {
    let current = edited(running, image('2.0.0'));
    const counts = [];
    for (let index = 0; index < 30; index += 1) {
      counts.push(planOf(current).length);
      current = step(current);
    }
    expect(counts).toEqual(counts.toSorted((a, b) => b - a));
    expect([counts[0], counts.at(-1)]).toEqual([7, 0]);
  });

  it('fits the schema of the status and is read back whole', () => {
    const { status } = decideFor(stackObservation({}, QUICK));
    expect(tradingStackStatus.safeParse(status).success).toBe(true);
    expect(readStatus(status).plan).toEqual(status?.plan);
  });

  it('lists so many names, and counts the others', () => {
    const suspended = stackObservation({}, { ...QUICK, suspend: true });
    const plan = planOf(suspended);
    for (const { create = [], unlisted = 0 } of plan) {
      expect(create.length).toBeLessThanOrEqual(PLAN_NAMES_MAX);
      expect(unlisted === 0 || create.length === PLAN_NAMES_MAX).toBe(true);
    }
    expect(outline(suspended)[0]).toBe('Prepare (Suspension)');
  });
});

describe('a plan says what it waits for', () => {
  it('the approval of the swap, until it names this release', () => {
    const waiting = steps(edited(running, image('2.0.0', { approval: 'Manual' })), 16);
    const { hash } = releaseOf(waiting);
    expect(outline(waiting)).toEqual(['Tier execution (Gate)', 'Swap (Approval)']);
    expectIdle(waiting);
    expect(stepOf(waiting, 'Swap')?.waitingFor).toEqual([
      { what: 'Approval', message: `the annotation tradingstack.dev/approve-swap=${hash}` },
    ]);
    expect(outline(annotated(waiting, { [APPROVE_SWAP_ANNOTATION]: good }))[1]).toBe('Swap (Approval)');
    const approved = annotated(waiting, { [APPROVE_SWAP_ANNOTATION]: hash });
    expect(outline(approved)[1]).toBe('Swap');
    expect(planOf(steps(approved, 4))).toEqual([]);
  });

  it('the maintenance window, before the rollout and before the swap', () => {
    const window = { schedule: '0 2 * * *', duration: '1h' };
    const opensAt = '2026-01-02T02:00:00.000Z';
    const at = (observation: Observation, time: string): Observation => ({ ...observation, nowMs: Date.parse(time) });
    const shut = { ...image('2.0.0'), rollout: { soakSeconds: 0, window } };
    const closed = step(edited(at(running, '2026-01-01T12:00:00Z'), shut));
    expect(planOf(closed)[0]).toMatchObject({
      waitingFor: [{ what: 'Window', message: `the maintenance window, which opens at ${opensAt}` }],
    });
    const green: ChangePod = (pod) =>
      pod.name.includes('green') && pod.answer.kind === 'Answered'
        ? { ...pod, answer: { ...pod.answer, statusz: { ...pod.answer.statusz, ready: false } } }
        : pod;
    const begun = steps(at(closed, '2026-01-02T02:59:40Z'), 16, green);
    expect(stepOf(begun, 'Swap')?.waitingFor).toEqual([]);
    const late = at(begun, '2026-01-02T03:00:01Z');
    expect(stepOf(late, 'Swap')?.waitingFor).toEqual([
      { what: 'Window', message: expect.stringContaining('which opens at 2026-01-03T02:00:00.000Z') },
    ]);
  });

  it('the probation of a new sender', () => {
    const soaking = steps(edited(running, image('2.0.0', { postSwitchSoakSeconds: 60 })), 24);
    expect(soaking.stack.status.execution?.active).toBe('green');
    expect(outline(soaking)).toEqual(['Tier execution (Gate)']);
    expect(planOf(soaking)[0]?.waitingFor[0]?.message).toBe('execution/Soaked: Soaking');
  });

  it('a process that does not report a halt yet', () => {
    const halted = { ...image('2.0.0'), halt: true };
    const deaf = tradingReports({ state: 'Active', sources: [], persisted: true });
    const green: ChangePod = (pod) => (pod.name.includes('execution-green') ? deaf(pod) : pod);
    const waiting = steps(edited(running, halted), 18, green);
    expect(senders.commands).toEqual([]);
    expect(stepOf(waiting, 'Swap')?.waitingFor).toEqual([
      { what: 'Halt', message: 'demo-execution-green-1 does not report Halted, which spec requests' },
    ]);
    expect(planOf(steps(waiting, 4))).toEqual([]);
    expect(senders.active).toEqual(['green']);
  });

  it('the gate, and a person once the deadline of the tier is over', () => {
    const spec = image('2.0.0', {}, { rollout: { soakSeconds: 0, autoRollback: false } });
    const stuck = steps(edited(running, spec), 16, failing('green'));
    expect(outline(stuck)).toEqual(['Tier execution (Gate)', 'Swap']);
    const late = { ...stuck, nowMs: stuck.nowMs + 300_000 };
    expect(outline(late)).toEqual(['Tier execution (Gate) (Stalled)', 'Swap']);
    expect(decideFor(late).status?.phase).toBe('Stalled');
    expectIdle(late);
  });

  it('the suspension, with what it holds back', () => {
    const suspended = edited(running, { ...image('2.0.0'), suspend: true });
    expect(outline(suspended)).toEqual([
      'Prepare (Suspension)',
      'Tier foundation',
      'Tier venue',
      'Tier data',
      'Tier strategy',
      'Tier risk',
      'Tier execution',
      'Swap',
    ]);
    expect(planOf(edited(running, { ...QUICK, suspend: true }))).toEqual([]);
    const again = steps(suspended, 2);
    expect(decideFor(again).status?.plan).toEqual(again.stack.status.plan);
  });

  it('what blocks the whole stack', () => {
    const secrets = new Map([...running.secrets].filter(([name]) => name !== 'platform-ws'));
    const plan = planOf({ ...running, secrets });
    expect(plan).toMatchObject([{ action: 'Release', waitingFor: [{ what: 'Blocker' }] }]);
    expect(plan[0]?.waitingFor[0]?.message).toContain('SecretMissing - Secret platform-ws not found');
    const invalid = { ...running, stack: { ...running.stack, spec: { nonsense: true } } };
    expect(planOf(invalid)[0]?.waitingFor[0]?.message).toContain('InvalidSpec');
  });

  it('the deletion that is under way', () => {
    const deleting = { ...running, stack: { ...running.stack, deleting: true } };
    expect(planOf(deleting)).toMatchObject([
      { action: 'Teardown', waitingFor: [{ message: expect.stringContaining('waiting for tier execution to stop') }] },
    ]);
  });
});

describe('the plan of a release that is not the desired one', () => {
  it('has the way back, then the failed release, which waits for a person', () => {
    const stuck = steps(edited(running, image('2.0.0')), 16, failing('green'));
    const failed = { ...stuck, nowMs: stuck.nowMs + 300_000 };
    const plan = planOf(failed);
    expect(plan.at(-1)).toMatchObject({ action: 'Release', release: releaseOf(stuck).hash });
    expect(plan.at(-1)?.waitingFor[0]?.message).toMatch(/^release \w+ failed: execution\//);
    expect(plan.map(shortOf).slice(0, 2)).toEqual(['Tier risk (Gate)', 'Tier strategy']);
    expect(plan[0]?.release).toBe(good);
    const back = steps(failed, 20, failing('green'));
    expect(back.stack.status.phase).toBe('Stalled');
    const [first, ...rest] = planOf(back);
    expect(first?.waitingFor.map(({ what }) => what)).toEqual(['Stalled']);
    expectIdle(back);
    expect([first, ...rest].every((each) => each?.release === releaseOf(stuck).hash)).toBe(true);
    expect(rest.map(shortOf)).toContain('Swap');
  });

  it('waits for the annotation that asks for an earlier one', () => {
    const second = steps(edited(running, image('2.0.0')), 20);
    const back = steps(annotated(second, { [ROLLBACK_ANNOTATION]: good }), 20);
    const [first] = planOf(back);
    expect(first?.waitingFor).toEqual([
      { what: 'Annotation', message: `annotation tradingstack.dev/rollback-to=${good}` },
    ]);
    expect(stepOf(back, 'Swap')).toMatchObject({ from: 'blue', to: 'green' });
  });

  it('says that a rollback is refused, which holds the next edit back', () => {
    const refused = annotated(running, { [ROLLBACK_ANNOTATION]: 'ffff' });
    expect(planOf(refused)).toEqual([]);
    expect(planOf(edited(refused, image('2.0.0')))[0]?.waitingFor).toEqual([
      { what: 'Stalled', message: expect.stringContaining('rollback refused: no release ffff on record') },
    ]);
  });

  it('waits for the swap in hand', () => {
    senders.deaf = ['activate'];
    let current = edited(running, image('2.0.0'));
    while (decideFor(current).drain === undefined) current = step(current);
    current = steps(current, 2);
    const during = edited(current, image('3.0.0'));
    expect(outline(during).slice(-2)).toEqual(['Swap', 'Release (Swap)']);
  });
});

it('plans no swap while the sender of the right colour does not answer for a moment', () => {
  const second = steps(edited(running, image('2.0.0')), 20);
  expect(second.stack.status.execution?.active).toBe('green');
  const silent = { ...second, pods: second.pods.map(failing('execution')) };
  expect(decideFor(silent).status?.execution?.active).toBe('Unknown');
  expect(outline(silent)).toEqual([]);
});
