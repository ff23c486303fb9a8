import { describe, expect, it } from 'vitest';
import type { TradingStackStatus } from '../../api/v1alpha1/trading-stack/status.ts';
import {
  afterDecision,
  allSecrets,
  cameUp,
  newObjects,
  NOW_MS,
  SURROUNDINGS,
  releaseOf,
  stackObservation,
  withRole,
} from '../../../test/fixtures/stack-observation.ts';
import { decide } from './decide.ts';
import type { Decision } from './decision.ts';
import type { Observation, ObservedPod } from './observe/observation.ts';

const look = (observation: Observation): Decision => decide(observation, SURROUNDINGS);

/** One reconcile after the other, everything coming up at once in between, time going on by a second. */
function turn(observation: Observation, pod?: (pod: ObservedPod) => ObservedPod): Observation {
  const next = afterDecision(observation, look(observation));
  return { ...cameUp(next, pod), nowMs: next.nowMs + 1_000 };
}

function turns(observation: Observation, count: number, pod?: (pod: ObservedPod) => ObservedPod): Observation {
  let current = observation;
  for (let index = 0; index < count; index += 1) current = turn(current, pod);
  return current;
}

const QUICK = { rollout: { soakSeconds: 0 } };
const settled = turns(turns(stackObservation({}, QUICK), 12), 5, withRole('active', 1));
const running = (): Observation => settled;

function phases(observation: Observation): readonly string[] {
  return (observation.stack.status.tiers ?? []).map(({ name, state }) => `${name} ${state}`);
}

function conditionsOf(status: TradingStackStatus | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(
    (status?.conditions ?? []).map(({ type, status: is, reason }) => [type, `${is} ${reason}`]),
  );
}

describe('rollout', () => {
  it('sets its finalizer before anything else', () => {
    const { stack } = stackObservation();
    expect(look(stackObservation({ stack: { ...stack, finalizers: [] } }))).toMatchObject({
      finalizer: 'Add',
      objects: [],
    });
  });

  it('opens a tier only when all before it have passed', () => {
    const first = look(stackObservation());
    expect(newObjects(stackObservation(), first).filter((id) => /^(Job|Deployment)/.test(id))).toEqual([
      expect.stringMatching(/^Job\/demo-migrations-[0-9a-f]{16}$/),
    ]);
    expect(first.status?.blockedBy).toBe('foundation/JobComplete migrations: NotCreated - the Job is not there yet');
    const second = turns(stackObservation({}, QUICK), 2);
    expect(phases(second).slice(0, 3)).toEqual(['foundation Passed', 'venue Progressing', 'data Waiting']);
  });

  it('runs when the sender is active, and says so everywhere', () => {
    const { status } = running().stack;
    expect(status).toMatchObject({ phase: 'Running', ready: '7/7', execution: { active: 'blue', epoch: 1 } });
    expect(status.release).toEqual({ desired: releaseOf(running()).hash, current: releaseOf(running()).hash });
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

  it('waits until all gates have held for the soak time', () => {
    const soaking = turns(stackObservation({}, { rollout: { soakSeconds: 5 } }), 3);
    expect(soaking.stack.status.blockedBy).toBe('foundation/Soaked: Soaking - all gates must hold for 5 s');
    expect(phases(turns(soaking, 6))[0]).toBe('foundation Passed');
  });

  it('degrades, and closes nothing, when a service of a passed tier fails', () => {
    const ill = (pod: ObservedPod): ObservedPod =>
      pod.service === 'ws'
        ? { ...pod, ready: false, answer: { kind: 'Silent', message: 'refused' } }
        : withRole('active', 1)(pod);
    const { status } = turns(running(), 2, ill).stack;
    expect(status).toMatchObject({ phase: 'Degraded', ready: '6/7' });
    expect(status.blockedBy).toBe('data/PodsReportRelease ws: NoAnswer - demo-ws-1: refused');
    expect(conditionsOf(status)).toMatchObject({
      Ready: 'False NoAnswer',
      Degraded: 'True GateFailed',
      Available: 'False FeedStale',
    });
    expect(look(turns(running(), 2, ill)).deletions).toEqual([]);
  });

  it('stalls at the deadline of a tier with the reason of its gate', () => {
    const late = turn({ ...turn(stackObservation()), jobs: [], nowMs: NOW_MS });
    const jobless = { ...late, jobs: [], nowMs: NOW_MS + 301_000 };
    const { status, events } = look(jobless);
    expect(status?.phase).toBe('Stalled');
    expect(conditionsOf(status)).toMatchObject({ Stalled: 'True TierDeadlineExceeded', Ready: 'False NotCreated' });
    expect(events.map(({ reason }) => reason)).toContain('Stalled');
  });
});

describe('a new release', () => {
  it('rolls only what it changes, and clears away what is left over', () => {
    const before = running();
    const spec = { ...QUICK, strategies: [{ ...strategyOf(before), orderNotional: '0.3' }] };
    const changed = {
      ...before,
      stack: { ...before.stack, spec: stackObservation({}, spec).stack.spec, generation: 2 },
    };
    const first = look(changed);
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
    const later = turns(changed, 1, withRole('active', 1));
    expect(look(later).deletions.map(({ service }) => service)).toEqual(['signal', 'risk']);
    const after = turns(changed, 8, withRole('active', 1));
    expect(after.stack.status.phase).toBe('Running');
    const maps = after.children.filter(({ kind }) => kind === 'ConfigMap').map(({ name }) => name);
    expect(maps).toHaveLength(7);
  });

  it('puts a halt into risk and execution at once', () => {
    const before = running();
    const stack = { ...before.stack, spec: stackObservation({}, { ...QUICK, halt: true }).stack.spec };
    const halting = { ...before, stack };
    const changed = newObjects(halting, look(halting)).filter((id) => id.startsWith('ConfigMap'));
    expect(changed.map((id) => id.replace(/-[0-9a-f]{16}$/, ''))).toEqual([
      'ConfigMap/demo-risk',
      'ConfigMap/demo-execution',
    ]);
    const pending = look({ ...halting, pods: before.pods }).status;
    expect(pending?.halt).toEqual({ active: false, since: new Date(before.nowMs).toISOString() });
    expect(conditionsOf(pending)['Halted']).toBe('False HaltPending');
    const after = turns(halting, 3, withRole('active', 1)).stack.status;
    expect(conditionsOf(after)['Halted']).toBe('True HaltRequested');
    expect(after.phase).toBe('Running');
    const ready = after.conditions?.find(({ type }) => type === 'Ready')?.message;
    expect(ready).toMatch(/^halted: no new orders are sent; release [0-9a-f]{16} runs in all tiers$/);
    expect(after.halt).toEqual({ active: true, since: pending?.halt?.since });
  });
});

describe('an emergency stop of a stack with which nothing else is done', () => {
  const withoutDbWriter = new Map([...allSecrets()].filter(([name]) => name !== 'platform-db-writer'));
  const halt = (spec: object, change: Partial<Observation>): Observation => {
    const before = { ...running(), ...change };
    return {
      ...before,
      stack: { ...before.stack, spec: stackObservation({}, { ...QUICK, halt: true, ...spec }).stack.spec },
    };
  };

  it.each([
    ['a Secret of another service is missing', {}, { secrets: withoutDbWriter }],
    ['it is suspended', { suspend: true }, {}],
    ['it is suspended and lacks a Secret', { suspend: true }, { secrets: withoutDbWriter }],
  ])('reaches risk and execution although %s', (_why, spec, change) => {
    const halting = halt(spec, change);
    const decision = look(halting);
    const settings = newObjects(halting, decision).map((id) => id.replace(/-[0-9a-f]{16}$/, ''));
    expect(settings).toEqual(['ConfigMap/demo-risk', 'ConfigMap/demo-execution']);
    expect(decision.deletions).toEqual([]);
    expect(decision.status?.halt).toMatchObject({ active: false });
    expect(conditionsOf(decision.status)['Halted']).toBe('False HaltPending');

    const carrying = turns(halting, 2, withRole('armed', 0, 1));
    const confirmed = look(carrying);
    expect(confirmed.status?.halt).toMatchObject({ active: true });
    expect(conditionsOf(confirmed.status)['Halted']).toBe('True HaltRequested');
    expect(confirmed.activate, 'the sender that cancels what rests').toMatchObject({ epoch: 2 });
  });

  it('is not called done while the pods cannot start for want of their own Secret', () => {
    const secrets = new Map([...allSecrets()].filter(([name]) => name !== 'platform-execution'));
    const silent = (pod: ObservedPod): ObservedPod =>
      pod.service === 'execution' ? { ...pod, ready: false, answer: { kind: 'Silent', message: 'no ip' } } : pod;
    const { status } = look(turns(halt({}, { secrets }), 2, silent));
    expect(status?.halt).toMatchObject({ active: false });
  });

  it('makes nothing of a stack that has neither yet', () => {
    const fresh = stackObservation({}, { ...QUICK, halt: true, suspend: true });
    expect(look(fresh)).toMatchObject({ objects: [], activate: undefined });
  });
});

describe('a sender that begins anew while the spec says halt', () => {
  const restarted = withRole('armed', 0, 1);
  const halted = { ...QUICK, halt: true };

  /** The epoch is written, and the process waits to be told. */
  function armed(pod: ObservedPod): Observation {
    const before = running();
    const pods = before.pods.map((each) => (each.service === 'execution' ? pod : restarted(each)));
    const now = { ...before, pods };
    return afterDecision(now, look(now));
  }
  const execution = (): ObservedPod => {
    const found = running().pods.find(({ service }) => service === 'execution');
    if (found === undefined) throw new Error('no execution');
    return restarted(found);
  };
  const withSpec = (observation: Observation, spec: object): Observation => ({
    ...observation,
    stack: { ...observation.stack, spec: stackObservation({}, { ...spec }).stack.spec },
  });

  it('is told to send without a halt, and not before it carries the halt', () => {
    const waiting = armed(execution());
    expect(look(waiting).activate).toMatchObject({ epoch: 2 });
    expect(look(withSpec(waiting, halted)).activate).toBeUndefined();
    const rolled = turns(withSpec(waiting, halted), 2, restarted);
    expect(look(rolled).activate).toMatchObject({ epoch: 2 });
  });

  it('is not told either while a Secret is missing', () => {
    const secrets = new Map([...allSecrets()].filter(([name]) => name !== 'platform-ws'));
    const waiting = { ...armed(execution()), secrets };
    expect(look(waiting).activate).toMatchObject({ epoch: 2 });
    expect(look(withSpec(waiting, halted)).activate).toBeUndefined();
  });
});

describe('what stands in the way', () => {
  it('names the Secret that is missing and what to do', () => {
    const secrets = new Map([...allSecrets()].filter(([name]) => name !== 'platform-ws'));
    const { status, objects } = look(stackObservation({ secrets }));
    expect(status?.phase).toBe('Pending');
    expect(status?.blockedBy).toContain(
      'data/SecretsPresent ws: SecretMissing - Secret platform-ws is not in namespace trading',
    );
    expect(objects.map(({ kind }) => kind)).toEqual(['NetworkPolicy', 'Secret', 'Secret']);
  });

  it('names the key that is missing in the keys of the venue', () => {
    const secrets = new Map([...allSecrets(), ['mexc', { version: '1', keys: new Set(['apiKey']) }]]);
    const spec = { venue: { credentials: { secretName: 'mexc' } } };
    expect(look(stackObservation({ secrets }, spec)).status?.blockedBy).toContain('Secret mexc has no key secretKey');
  });

  it('names the field of a spec that admission let through', () => {
    const { stack } = running();
    const spec = { ...(stack.spec as object), redis: { host: 'redis', port: 0 } };
    const decision = look({ ...running(), stack: { ...stack, spec } });
    expect(decision).toMatchObject({
      objects: [],
      deletions: [],
      status: { phase: 'Stalled', execution: { active: 'blue' } },
    });
    expect(decision.status?.blockedBy).toMatch(/^spec: InvalidSpec - spec\.redis\.port: /);
  });

  it('still says that it is halted when the spec cannot be read any more', () => {
    const before = running();
    const specOf = (spec: object): unknown => stackObservation({}, { ...QUICK, halt: true, ...spec }).stack.spec;
    const halted = turns({ ...before, stack: { ...before.stack, spec: specOf({}) } }, 3);
    const spec = specOf({ redis: { port: 0 } });
    const { status, events } = look({ ...halted, stack: { ...halted.stack, spec } });
    expect(status).toMatchObject({ phase: 'Stalled', halt: { active: true } });
    expect(conditionsOf(status)['Halted']).toBe('True HaltRequested');
    expect(events.map(({ reason }) => reason)).toEqual(['Stalled']);
  });

  it('leaves the namespace to the stack that was there first', () => {
    const decision = look(stackObservation({ takenBy: 'first' }));
    expect(decision).toMatchObject({ objects: [], finalizer: 'Keep', activate: undefined });
    expect(conditionsOf(decision.status)['Stalled']).toBe('True NamespaceTaken');
  });

  it('changes nothing while suspended, and says so', () => {
    const before = running();
    const spec = { ...QUICK, suspend: true };
    const stack = { ...before.stack, spec: stackObservation({}, spec).stack.spec };
    const decision = look({ ...before, stack });
    expect(decision).toMatchObject({ objects: [], deletions: [], activate: undefined, status: { phase: 'Suspended' } });
    expect(decision.status?.conditions?.find(({ type }) => type === 'Suspended')?.message).toBe(
      'nothing is changed but for a halt; an execution that restarts meanwhile stays armed',
    );
  });

  it('does not call a stack ready that was suspended before anything came up', () => {
    const { stack } = stackObservation({}, { ...QUICK, suspend: true });
    const { status } = look(stackObservation({ stack: { ...stack, finalizers: [] } }));
    expect(status).toMatchObject({ phase: 'Suspended', ready: '0/0' });
    expect(conditionsOf(status)['Ready']).toBe('False SuspendRequested');
  });
});

describe('an evicted pod, which stays as an object', () => {
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

  it('says nothing any more once another one has taken its place', () => {
    const before = running();
    const { status } = look({ ...before, pods: [...evictedOf(before), ...before.pods] });
    expect(status).toMatchObject({ phase: 'Running', ready: '7/7' });
  });

  it('is told of as long as nothing has', () => {
    const before = running();
    const deployments = before.deployments.map((item) => ({ ...item, available: 0 }));
    const { status } = look({ ...before, deployments, pods: evictedOf(before) });
    expect(status).toMatchObject({ phase: 'Degraded' });
    expect(status?.blockedBy).toMatch(/Evicted - the node was low on memory$/);
  });
});

describe('deletion', () => {
  it('takes tiers down backwards, the sender first, and lets go when nothing is left', () => {
    let now: Observation = { ...running(), stack: { ...running().stack, deleting: true } };
    const order: string[] = [];
    for (let step = 0; step < 30; step += 1) {
      const decision = look(now);
      if (decision.finalizer === 'Remove') break;
      order.push(...decision.scaleToZero);
      expect(decision.status?.phase).toBe('Terminating');
      const next = afterDecision(now, decision);
      const alive = new Set(next.deployments.filter(({ replicas }) => replicas > 0).map(({ service }) => service));
      now = { ...next, pods: next.pods.filter(({ service }) => alive.has(service)) };
    }
    expect(order).toEqual([
      'demo-execution-blue',
      'demo-risk',
      'demo-signal',
      'demo-ws',
      'demo-db-writer',
      'demo-exchange-simulator',
    ]);
    expect(now.children).toEqual([]);
    expect(look(now).finalizer).toBe('Remove');
  });

  it('does not wait for evicted pods, which go with their Deployment', () => {
    const deleting = { ...running(), stack: { ...running().stack, deleting: true } };
    const scaled = afterDecision(deleting, look(deleting));
    const pods = scaled.pods.map((pod) => (pod.service === 'execution' ? { ...pod, finished: true } : pod));
    expect(look({ ...scaled, pods }).scaleToZero).toEqual(['demo-risk']);
  });

  it('waits for pods before it touches the next tier', () => {
    const deleting = { ...running(), stack: { ...running().stack, deleting: true } };
    const next = look(afterDecision(deleting, look(deleting)));
    expect(next.scaleToZero).toEqual([]);
    expect(next.status?.blockedBy).toBe('teardown: Deleting - waits for tier execution to stop: demo-execution-1');
  });
});

function strategyOf({ stack }: Observation): object {
  const { strategies } = stack.spec as { readonly strategies: readonly object[] };
  return strategies[0] ?? {};
}
