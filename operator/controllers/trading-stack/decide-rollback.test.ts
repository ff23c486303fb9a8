import { beforeEach, describe, expect, it } from 'vitest';
import { FakeSenders } from '../../../test/fixtures/fake-senders.ts';
import { annotated, decideFor, edited, runningStack } from '../../../test/fixtures/reconciled-stack.ts';
import {
  afterDecision,
  NOW_MS,
  releaseOf,
  stackObservation,
  withWorkloadsUp,
} from '../../../test/fixtures/stack-observation.ts';
import { RETRY_ANNOTATION, ROLLBACK_ANNOTATION } from '../../api/v1alpha1/labels.ts';
import { RELEASES_MAX } from '../../api/v1alpha1/trading-stack/status.ts';
import type { Decision } from './decision.ts';
import type { Observation } from './observe/observation.ts';

const QUICK = { rollout: { soakSeconds: 0 }, execution: { swap: { postSwitchSoakSeconds: 0 } } };
const DEADLINE_MS = 300_000;
let senders: FakeSenders;
const running = runningStack();

beforeEach(() => {
  senders = new FakeSenders();
});

const good = releaseOf(running).hash;

const image = (tag: string) => ({
  ...QUICK,
  release: { image: `registry.example.com/tradingstack:${tag}`, version: tag },
});

/** Reconciles while the pods of some services in the desired release are not available. */
function whileBroken(before: Observation, services: readonly string[], count: number): Observation {
  let current = before;
  for (let index = 0; index < count; index += 1) {
    const decision = decideFor(current);
    senders.obey(decision);
    const applied = afterDecision(current, decision);
    const bad = releaseOf(applied);
    const hashes = new Set(
      bad.tiers
        .flatMap((tier) => tier.services)
        .flatMap(({ row, hash }) => (services.includes(row.name) ? [hash] : [])),
    );
    const up = withWorkloadsUp(applied, senders.report);
    const down = up.deployments.filter(({ release }) => hashes.has(release)).map(({ name }) => name);
    current = { ...withDeploymentsDown(up, down), nowMs: applied.nowMs + 1_000 };
  }
  return current;
}

function withDeploymentsDown(observation: Observation, names: readonly string[]): Observation {
  const deployments = observation.deployments.map((one) => (names.includes(one.name) ? { ...one, available: 0 } : one));
  return { ...observation, deployments };
}

/** A stack whose release with this tag does not come up in a service, and that has missed its deadline. */
function late(service: string, tag = '2.0.0', before = running): Observation {
  const stuck = whileBroken(edited(before, image(tag)), [service], 8);
  return { ...stuck, nowMs: stuck.nowMs + DEADLINE_MS };
}

const targetOf = ({ status }: Decision) => status?.release?.target;
/** Service hash of each Deployment that has pods. */
const deploymentsOf = ({ deployments }: Observation) =>
  Object.fromEntries(deployments.filter(isWanted).map((one) => [one.service, one.release]));
const isWanted = ({ name }: { readonly name: string }): boolean =>
  !name.startsWith('demo-execution-') || senders.active.some((colour) => name.endsWith(colour));
const states = ({ stack }: Observation) => (stack.status.tiers ?? []).map(({ name, state }) => `${name} ${state}`);

describe('a release that misses the deadline of a tier', () => {
  it('is rolled back by itself, from the last tier that it reached to the first, and reported until the spec changes', () => {
    const stuck = late('ws');
    expect(states(stuck).slice(0, 4)).toEqual([
      'foundation Passed',
      'venue Passed',
      'data Progressing',
      'strategy Waiting',
    ]);
    const decision = decideFor(stuck);
    expect(targetOf(decision)).toBe(good);
    expect(decision.status?.release?.failed).toMatchObject({ release: releaseOf(stuck).hash, reason: 'PodsStarting' });
    // Tiers that it did not reach are as they were; the one that failed goes back before those that feed it.
    const first = afterDecision(stuck, decision);
    expect(states(first)).toEqual([
      'foundation Waiting',
      'venue Waiting',
      'data Progressing',
      'strategy Passed',
      'risk Passed',
      'execution Passed',
    ]);
    const back = whileBroken(stuck, ['ws'], 8);
    expect(deploymentsOf(back)).toEqual(deploymentsOf(running));
    expect(back.stack.status).toMatchObject({ phase: 'Stalled', execution: { active: 'blue' } });
    expect(back.stack.status.blockedBy).toBe(
      `release: RolledBack - data/DeploymentAvailable ws: PodsStarting - 0 of 1 pods available; release ${good} runs again`,
    );
    const later = whileBroken({ ...back, nowMs: back.nowMs + 10 * DEADLINE_MS }, ['ws'], 3);
    expect(decideFor(later)).toMatchObject({ events: [], deletions: [] });
    expect(targetOf(decideFor(later))).toBe(good);
    const fixed = whileBroken(edited(later, image('2.0.1')), [], 16);
    expect(fixed.stack.status).toMatchObject({ phase: 'Running' });
    expect(fixed.stack.status.release).not.toHaveProperty('failed');
    expect(fixed.stack.status.release?.history?.map(({ reason, version }) => `${version} ${reason}`)).toEqual([
      '2.0.1 Changed',
      '1.0.0 RolledBack',
      '2.0.0 Changed',
      '1.0.0 Installed',
    ]);
  });

  it('is not tried again when the release before it does not come up either', () => {
    const stuck = late('ws');
    const back = whileBroken(stuck, ['ws'], 2);
    const down = { ...back, deployments: back.deployments.map((one) => ({ ...one, available: 0 })) };
    const decision = decideFor({ ...down, nowMs: down.nowMs + 2 * DEADLINE_MS });
    expect(decision.status?.release).toMatchObject({ target: good, failed: { release: releaseOf(stuck).hash } });
  });

  it('stays where it is without autoRollback', () => {
    const spec = { ...image('2.0.0'), rollout: { soakSeconds: 0, autoRollback: false } };
    const stuck = whileBroken(edited(running, spec), ['ws'], 8);
    const { status } = decideFor({ ...stuck, nowMs: stuck.nowMs + DEADLINE_MS });
    expect(status).toMatchObject({ phase: 'Stalled', release: { target: releaseOf(stuck).hash } });
  });

  it('is not tried again when autoRollback is turned off after it was rolled back', () => {
    const back = whileBroken(late('ws'), ['ws'], 8);
    const off = edited(back, { ...image('2.0.0'), rollout: { soakSeconds: 0, autoRollback: false } });
    const { status } = decideFor(off);
    expect(status?.release).toMatchObject({ target: good, failed: { release: releaseOf(back).hash } });
  });

  it('stays where it is when none has worked before', () => {
    const stuck = whileBroken(stackObservation({}, QUICK), ['ws'], 8);
    const { status } = decideFor({ ...stuck, nowMs: NOW_MS + 2 * DEADLINE_MS });
    expect(status).toMatchObject({ phase: 'Stalled', release: { target: releaseOf(stuck).hash } });
    expect(status?.release).not.toHaveProperty('lastGood');
  });

  it('is not rolled back once it comes up at the last moment', () => {
    const stuck = late('ws');
    expect(targetOf(decideFor(withWorkloadsUp(stuck, senders.report)))).toBe(releaseOf(stuck).hash);
  });

  it.each(['monday', 'monday '.repeat(50)])('is tried once more after a retry, and once only: %s', (text) => {
    const back = whileBroken(late('ws'), ['ws'], 8);
    const retried = annotated(back, { [RETRY_ANNOTATION]: text });
    const decision = decideFor(retried);
    expect(targetOf(decision)).toBe(releaseOf(back).hash);
    expect(decision.status?.release).toMatchObject({
      retried: text.slice(0, 200),
      history: [{ reason: 'Retried' }, {}, {}, {}],
    });
    const again = whileBroken(retried, ['ws'], 5);
    const after = whileBroken({ ...again, nowMs: again.nowMs + 2 * DEADLINE_MS }, ['ws'], 12);
    expect(after.stack.status.release).toMatchObject({ target: good, failed: { release: releaseOf(back).hash } });
  });

  it('is not given up for the time of a suspension', () => {
    const stuck = whileBroken(edited(running, image('2.0.0')), ['ws'], 8);
    const suspended = whileBroken(edited(stuck, { ...image('2.0.0'), suspend: true }), ['ws'], 2);
    const long = whileBroken({ ...suspended, nowMs: suspended.nowMs + 3 * DEADLINE_MS }, ['ws'], 2);
    expect(targetOf(decideFor(long))).toBe(releaseOf(stuck).hash);
    const resumed = whileBroken(edited(long, image('2.0.0')), ['ws'], 3);
    expect(targetOf(decideFor(resumed))).toBe(releaseOf(stuck).hash);
    expect(targetOf(decideFor({ ...resumed, nowMs: resumed.nowMs + DEADLINE_MS }))).toBe(good);
  });

  it('returns to the last release that worked in every tier, not to a newer one that never did', () => {
    const half = whileBroken(edited(running, image('2.0.0')), [], 5);
    const degraded = whileBroken(half, ['ws'], 12);
    const second = releaseOf(degraded).hash;
    expect(degraded.stack.status).toMatchObject({ phase: 'Degraded', release: { current: second, lastGood: good } });
    expect(targetOf(decideFor(late('ws', '3.0.0', degraded)))).toBe(good);
  });

  it('keeps the sender while another tier is rolled back', () => {
    const back = whileBroken(late('ws'), ['ws'], 8);
    expect(decideFor(back).activate).toBeUndefined();
    expect(back.stack.status.execution).toMatchObject({ active: 'blue', epoch: 1 });
  });
});

describe('a release whose first tiers starve those after them', () => {
  /** Reconciles while risk is not ready wherever ws runs another release than the good one. */
  function whileStarved(before: Observation, count: number): Observation {
    const goodWs = deploymentsOf(running)['ws'];
    let current = before;
    for (let index = 0; index < count; index += 1) {
      const decision = decideFor(current);
      senders.obey(decision);
      const applied = afterDecision(current, decision);
      const up = withWorkloadsUp(applied, senders.report);
      const isStarved = deploymentsOf(up)['ws'] !== goodWs;
      const down = up.deployments.filter(({ service }) => isStarved && (service === 'ws' || service === 'risk'));
      current = {
        ...withDeploymentsDown(
          up,
          down.map(({ name }) => name),
        ),
        nowMs: applied.nowMs + 1_000,
      };
    }
    return current;
  }

  it('is rolled back although the later tiers do not work until the first is back', () => {
    const stuck = whileStarved(edited(running, image('2.0.0')), 8);
    expect(stuck.stack.status.blockedBy).toMatch(/^data\/DeploymentAvailable ws: /);
    const back = whileStarved({ ...stuck, nowMs: stuck.nowMs + DEADLINE_MS }, 16);
    expect(deploymentsOf(back)).toEqual(deploymentsOf(running));
    expect(states(back).every((state) => state.endsWith(' Passed'))).toBe(true);
    expect(back.stack.status.release).toMatchObject({ target: good, current: good });
    expect(senders.active).toEqual(['blue']);
  });
});

describe('a suspended stack', () => {
  it('starts no release, and rolls out the newest when it is resumed', () => {
    const suspended = edited(running, { ...image('2.0.0'), suspend: true });
    expect(targetOf(decideFor(suspended))).toBe(good);
    const resumed = edited(whileBroken(suspended, [], 3), image('2.0.0'));
    expect(targetOf(decideFor(resumed))).toBe(releaseOf(resumed).hash);
  });

  it('opens no tier', () => {
    const half = whileBroken(edited(running, image('2.0.0')), [], 3);
    const suspended = whileBroken(edited(half, { ...image('2.0.0'), suspend: true }), [], 6);
    const waiting = states(half).filter((state) => state.endsWith(' Waiting'));
    expect(waiting.length).toBeGreaterThan(1);
    expect(states(suspended)).toEqual(expect.arrayContaining(waiting));
  });

  it('remembers what failed, and does not try it again when it is resumed', () => {
    const back = whileBroken(late('ws'), ['ws'], 8);
    const suspended = whileBroken(edited(back, { ...image('2.0.0'), suspend: true }), ['ws'], 2);
    const resumed = edited(suspended, image('2.0.0'));
    expect(decideFor(resumed).status?.release).toMatchObject({
      target: good,
      failed: { release: releaseOf(back).hash },
    });
  });
});

describe('an edit in the middle of a rollout', () => {
  it('goes on with the newest release', () => {
    const half = whileBroken(edited(running, image('2.0.0')), ['ws'], 8);
    const after = whileBroken(edited(half, image('3.0.0')), [], 16);
    expect(after.stack.status).toMatchObject({ phase: 'Running', release: { target: releaseOf(after).hash } });
  });
});

describe('a rollback that a person asks for', () => {
  let second: Observation;

  beforeEach(() => {
    second = whileBroken(edited(running, image('2.0.0')), [], 16);
  });

  it('runs an earlier release for as long as the annotation is there', () => {
    expect(second.stack.status.phase).toBe('Running');
    const asked = annotated(second, { [ROLLBACK_ANNOTATION]: good.slice(0, 6) });
    const back = whileBroken(asked, [], 16);
    expect(deploymentsOf(back)).toEqual(deploymentsOf(running));
    expect(back.stack.status).toMatchObject({ phase: 'Stalled', release: { target: good, current: good } });
    expect(back.stack.status.blockedBy).toContain(`RollbackRequested - annotation ${ROLLBACK_ANNOTATION} asks for`);
    const forward = whileBroken(annotated(back, {}), [], 16);
    expect(forward.stack.status).toMatchObject({ phase: 'Running', release: { target: releaseOf(second).hash } });
  });

  it('is refused for a release that is not on record, and changes nothing', () => {
    const { status, events } = decideFor(annotated(second, { [ROLLBACK_ANNOTATION]: 'abc' }));
    expect(status?.release?.target).toBe(releaseOf(second).hash);
    expect(status?.blockedBy).toContain(`RollbackRefused - no release abc on record; on record are`);
    expect(events.map(({ reason }) => reason)).toEqual(['Stalled']);
  });

  it.each([
    ['was changed', { binaryData: { 'release.json.gz': 'H4sIAAAAAAAAA6uuBQBDv6ajAgAAAA==' } }],
    ['cannot be read', { binaryData: { 'release.json.gz': 'AAAA' } }],
    ['is empty', {}],
  ])('is refused when the record of the release %s', (_what, record) => {
    const records = new Map([...second.records, [good, record]]);
    const { status } = decideFor(annotated({ ...second, records }, { [ROLLBACK_ANNOTATION]: good }));
    expect(status?.release?.target).toBe(releaseOf(second).hash);
    expect(status?.blockedBy).toContain('RollbackRefused - the record of release');
  });

  it('returns to the release that worked when the earlier one does not come up', () => {
    const asked = whileBroken(annotated(second, { [ROLLBACK_ANNOTATION]: good }), [], 1);
    const stuck = { ...withDeploymentsDown(asked, ['demo-execution-blue']), nowMs: asked.nowMs + 2 * DEADLINE_MS };
    const decision = decideFor(stuck);
    expect(decision.status?.release).toMatchObject({ target: releaseOf(second).hash, failed: { release: good } });
  });
});

describe('the history', () => {
  it(`has ${RELEASES_MAX} changes, and the records of what can be rolled back to`, () => {
    let current = running;
    for (let count = 2; count <= 14; count += 1)
      current = whileBroken(edited(current, image(`${count}.0.0`)), ['ws'], 4);
    const { release } = current.stack.status;
    expect(release?.history).toHaveLength(RELEASES_MAX);
    expect(release?.history?.map(({ release: hash }) => hash)).toContain(good);
    const after = whileBroken(edited(current, image('15.0.0')), [], 16);
    const records = after.children.filter(({ name }) => name.startsWith('demo-release-'));
    expect(records).toHaveLength(RELEASES_MAX);
    const back = whileBroken(annotated(after, { [ROLLBACK_ANNOTATION]: good }), [], 16);
    expect(deploymentsOf(back)).toEqual(deploymentsOf(running));
  });

  it('has the new record of a release whose replicas changed', () => {
    const scaled = edited(running, { ...QUICK, services: { 'db-writer': { replicas: 2 } } });
    const { status, objects } = decideFor(scaled);
    expect(status?.release?.history).toHaveLength(1);
    expect(status?.release?.history?.[0]?.record).not.toBe(running.stack.status.release?.history?.[0]?.record);
    expect(objects.some(({ metadata }) => metadata?.name === `demo-release-${good}`)).toBe(true);
  });
});

it('rolls out as many tiers at a time as the spec allows', () => {
  const first = decideFor(stackObservation({}, { rollout: { maxParallelTiers: 3 } }));
  expect(first.status?.tiers?.map(({ state }) => state)).toEqual([
    'Progressing',
    'Progressing',
    'Progressing',
    'Waiting',
    'Waiting',
    'Waiting',
  ]);
});
