import { describe, expect, it } from 'vitest';
import { CATALOGUE } from '../../../services/shared/contracts/catalogue.ts';
import { TIERS } from '../../../services/shared/contracts/service-row.ts';
import type { TradingStackStatus } from '../../api/v1alpha1/trading-stack/status.ts';
import {
  afterDecision,
  allSecrets,
  newObjects,
  NOW_MS,
  releaseOf,
  stackObservation,
  senderReports,
} from '../../../test/fixtures/stack-observation.ts';
import { afterReconciles, decideFor, runningStack } from '../../../test/fixtures/reconciled-stack.ts';
import type { Observation, ObservedPod } from './observe/observation.ts';

const QUICK = { rollout: { soakSeconds: 0 } };
const running = runningStack();
const ALL_READY = `${CATALOGUE.length}/${CATALOGUE.length}`;
const ONE_FAILS = `${CATALOGUE.length - 1}/${CATALOGUE.length}`;

/** Place of a Deployment's tier in the order of a rollout. */
function tierOf(deployment: string): number {
  const row = CATALOGUE.find(({ name }) => deployment === `demo-${name}` || deployment === `demo-${name}-blue`);
  return row === undefined ? -1 : TIERS.indexOf(row.tier);
}

function phases(observation: Observation): readonly string[] {
  return (observation.stack.status.tiers ?? []).map(({ name, state }) => `${name} ${state}`);
}

function conditionsOf(status: TradingStackStatus | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(
    (status?.conditions ?? []).map(({ type, status: is, reason }) => [type, `${is} ${reason}`]),
  );
}

describe('rollout', () => {
  it('adds its finalizer before anything else', () => {
    const { stack } = stackObservation();
    expect(decideFor(stackObservation({ stack: { ...stack, finalizers: [] } }))).toMatchObject({
      finalizer: 'Add',
      objects: [],
    });
  });

  it('starts a tier only when all earlier tiers have passed', () => {
    const first = decideFor(stackObservation());
    expect(newObjects(stackObservation(), first).filter((id) => /^(Job|Deployment)/.test(id))).toEqual([
      expect.stringMatching(/^Job\/demo-migrations-[0-9a-f]{16}$/),
    ]);
    expect(first.status?.blockedBy).toBe('foundation/JobComplete migrations: NotCreated - the Job does not exist yet');
    const second = afterReconciles(stackObservation({}, QUICK), 2);
    expect(phases(second).slice(0, 3)).toEqual(['foundation Passed', 'venue Progressing', 'data Waiting']);
  });

  it('reports Running in all status fields once the sender is active', () => {
    const { status } = running.stack;
    expect(status).toMatchObject({ phase: 'Running', ready: ALL_READY, execution: { active: 'blue', epoch: 1 } });
    const { hash } = releaseOf(running);
    expect(status.release).toMatchObject({ desired: hash, target: hash, current: hash, lastGood: hash });
    expect(status.release?.history).toMatchObject([{ release: hash, version: '1.0.0', reason: 'Installed' }]);
    expect(status).not.toHaveProperty('blockedBy');
    expect(conditionsOf(status)).toEqual({
      Ready: 'True AllTiersPassed',
      Reconciling: 'False AsExpected',
      Stalled: 'False AsExpected',
      Available: 'True SenderActive',
      Halted: 'False NotHalted',
      Degraded: 'False AsExpected',
      Suspended: 'False NotSuspended',
    });
  });

  it('passes a tier only after all gates have held for the soak time', () => {
    const soaking = afterReconciles(stackObservation({}, { rollout: { soakSeconds: 5 } }), 3);
    expect(soaking.stack.status.blockedBy).toBe('foundation/Soaked: Soaking - all gates must hold for 5 s');
    expect(phases(afterReconciles(soaking, 6))[0]).toBe('foundation Passed');
  });

  it('degrades without deleting anything when a service of a passed tier fails', () => {
    const failing = (pod: ObservedPod): ObservedPod =>
      pod.service === 'ws'
        ? { ...pod, ready: false, answer: { kind: 'Silent', message: 'refused' } }
        : senderReports('active', 1)(pod);
    const { status } = afterReconciles(running, 2, failing).stack;
    expect(status).toMatchObject({ phase: 'Degraded', ready: ONE_FAILS });
    expect(status.blockedBy).toBe('data/PodsReportRelease ws: NoAnswer - demo-ws-1: refused');
    expect(conditionsOf(status)).toMatchObject({
      Ready: 'False NoAnswer',
      Degraded: 'True GateFailed',
      Available: 'False FeedStale',
    });
    expect(decideFor(afterReconciles(running, 2, failing)).deletions).toEqual([]);
  });

  it('stalls at the deadline of a tier, with the reason of its gate', () => {
    const late = afterReconciles({ ...afterReconciles(stackObservation(), 1), jobs: [], nowMs: NOW_MS }, 1);
    const jobless = { ...late, jobs: [], nowMs: NOW_MS + 301_000 };
    const { status, events } = decideFor(jobless);
    expect(status?.phase).toBe('Stalled');
    expect(conditionsOf(status)).toMatchObject({ Stalled: 'True TierDeadlineExceeded', Ready: 'False NotCreated' });
    expect(events.map(({ reason }) => reason)).toContain('Stalled');
  });
});

describe('a new release', () => {
  it('rolls out only the changed services, and deletes the objects of the old release', () => {
    const before = running;
    const spec = { ...QUICK, strategies: [{ ...strategyOf(before), orderNotional: '0.3' }] };
    const changed = {
      ...before,
      stack: { ...before.stack, spec: stackObservation({}, spec).stack.spec, generation: 2 },
    };
    const first = decideFor(changed);
    expect(phases(afterDecision(changed, first))).toEqual([
      'foundation Passed',
      'venue Passed',
      'data Passed',
      'strategy Progressing',
      'risk Waiting',
      'execution Passed',
    ]);
    expect(first.status).toMatchObject({ phase: 'Progressing', observedGeneration: 2 });
    expect(first.deletions).toEqual([]);
    for (const [count, service] of [
      [1, 'signal'],
      [2, 'risk'],
    ] as const) {
      const { deletions } = decideFor(afterReconciles(changed, count, senderReports('active', 1)));
      expect(deletions.map((child) => child.service)).toEqual([service]);
    }
    const after = afterReconciles(changed, 8, senderReports('active', 1));
    expect(after.stack.status.phase).toBe('Running');
    const maps = after.children.filter(({ kind }) => kind === 'ConfigMap').map(({ name }) => name);
    // With the records of both releases.
    expect(maps).toHaveLength(CATALOGUE.length + 2);
  });
});

describe('an obstacle', () => {
  it('reports the missing Secret and the remedy', () => {
    const secrets = new Map([...allSecrets()].filter(([name]) => name !== 'platform-ws'));
    const { status, objects } = decideFor(stackObservation({ secrets }));
    expect(status?.phase).toBe('Pending');
    expect(status?.blockedBy).toContain(
      'data/SecretsPresent ws: SecretMissing - Secret platform-ws not found in namespace trading',
    );
    expect(objects.map(({ kind }) => kind)).toEqual(['NetworkPolicy', 'Secret', 'Secret']);
  });

  it('reports the missing key of the venue Secret', () => {
    const secrets = new Map([...allSecrets(), ['mexc', { version: '1', keys: new Set(['apiKey']) }]]);
    const spec = { venue: { credentials: { secretName: 'mexc' } } };
    expect(decideFor(stackObservation({ secrets }, spec)).status?.blockedBy).toContain(
      'key secretKey of Secret mexc is missing or empty',
    );
  });

  it('reports the invalid field of a spec that was admitted', () => {
    const { stack } = running;
    const spec = { ...(stack.spec as object), redis: { host: 'redis', port: 0 } };
    const decision = decideFor({ ...running, stack: { ...stack, spec } });
    expect(decision).toMatchObject({
      objects: [],
      deletions: [],
      status: { phase: 'Stalled', execution: { active: 'blue' } },
    });
    expect(decision.status?.blockedBy).toMatch(/^spec: InvalidSpec - spec\.redis\.port: /);
  });

  it('leaves the namespace to the stack that owns it', () => {
    const decision = decideFor(stackObservation({ takenBy: 'first' }));
    expect(decision).toMatchObject({ objects: [], finalizer: 'Keep', activate: undefined });
    expect(conditionsOf(decision.status)['Stalled']).toBe('True NamespaceTaken');
  });

  it('changes nothing while suspended, and reports the suspension', () => {
    const before = running;
    const spec = { ...QUICK, suspend: true };
    const stack = { ...before.stack, spec: stackObservation({}, spec).stack.spec };
    const decision = decideFor({ ...before, stack });
    expect(decision).toMatchObject({ objects: [], deletions: [], activate: undefined, status: { phase: 'Suspended' } });
    expect(decision.status?.conditions?.find(({ type }) => type === 'Suspended')?.message).toBe(
      'the operator changes no object and activates no process; it still sends the requested trading state',
    );
  });

  it('does not report a stack as ready that was suspended before its rollout', () => {
    const { stack } = stackObservation({}, { ...QUICK, suspend: true });
    const { status } = decideFor(stackObservation({ stack: { ...stack, finalizers: [] } }));
    expect(status).toMatchObject({ phase: 'Suspended', ready: '0/0' });
    expect(conditionsOf(status)['Ready']).toBe('False SuspendRequested');
  });
});

describe('an evicted pod, whose object remains', () => {
  const evictedOf = (observation: Observation): readonly ObservedPod[] =>
    observation.pods.map((pod) => ({
      ...pod,
      name: `${pod.name}-evicted`,
      uid: `${pod.uid}-evicted`,
      ready: false,
      finished: true,
      waiting: { reason: 'Evicted', message: 'the node was low on memory' },
      answer: { kind: 'Silent', message: 'not running yet' },
    }));

  it('is ignored once another pod has replaced it', () => {
    const before = running;
    const { status } = decideFor({ ...before, pods: [...evictedOf(before), ...before.pods] });
    expect(status).toMatchObject({ phase: 'Running', ready: ALL_READY });
  });

  it('is reported until another pod replaces it', () => {
    const before = running;
    const deployments = before.deployments.map((item) => ({ ...item, available: 0 }));
    const { status } = decideFor({ ...before, deployments, pods: evictedOf(before) });
    expect(status).toMatchObject({ phase: 'Degraded' });
    expect(status?.blockedBy).toMatch(/Evicted - the node was low on memory$/);
  });
});

describe('deletion', () => {
  it('stops tiers in reverse order, the sender first, and removes the finalizer when no child is left', () => {
    let now: Observation = { ...running, stack: { ...running.stack, deleting: true } };
    const order: string[] = [];
    for (let step = 0; step < 30; step += 1) {
      const decision = decideFor(now);
      if (decision.finalizer === 'Remove') break;
      order.push(...decision.scaleToZero);
      expect(decision.status?.phase).toBe('Terminating');
      const next = afterDecision(now, decision);
      const alive = new Set(next.deployments.filter(({ replicas }) => replicas > 0).map(({ service }) => service));
      now = { ...next, pods: next.pods.filter(({ service }) => alive.has(service)) };
    }
    const tiers = order.map((name) => tierOf(name));
    expect(order[0]).toBe('demo-execution-blue');
    expect(new Set(order).size).toBe(CATALOGUE.filter(({ update }) => update !== 'Job').length);
    expect(tiers).toEqual(tiers.toSorted((a, b) => b - a));
    expect(now.children).toEqual([]);
    expect(decideFor(now).finalizer).toBe('Remove');
  });

  it('does not wait for evicted pods, which are deleted with their Deployment', () => {
    const deleting = { ...running, stack: { ...running.stack, deleting: true } };
    const scaled = afterDecision(deleting, decideFor(deleting));
    const pods = scaled.pods.map((pod) => (pod.service === 'execution' ? { ...pod, finished: true } : pod));
    expect(decideFor({ ...scaled, pods }).scaleToZero).toEqual(['demo-risk']);
  });

  it('waits for the pods of a tier before it stops the next tier', () => {
    const deleting = { ...running, stack: { ...running.stack, deleting: true } };
    const next = decideFor(afterDecision(deleting, decideFor(deleting)));
    expect(next.scaleToZero).toEqual([]);
    expect(next.status?.blockedBy).toBe(
      'teardown: Deleting - waiting for tier execution to stop: demo-execution-1, demo-execution-2',
    );
  });
});

function strategyOf({ stack }: Observation): object {
  const { strategies } = stack.spec as { readonly strategies: readonly object[] };
  return strategies[0] ?? {};
}
