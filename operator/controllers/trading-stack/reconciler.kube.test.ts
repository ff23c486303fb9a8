import { CATALOGUE } from '../../../services/shared/contracts/catalogue.ts';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../services/shared/runtime/clock.ts';
import { controllersByHand, type ControllersByHand } from '../../../test/harness/kube/controllers-by-hand.ts';
import { processesByHand, type ProcessesByHand } from '../../../test/harness/kube/processes-by-hand.ts';
import { newNamespace, testKubeClient } from '../../../test/harness/kube/kube-client.ts';
import { sampleStack } from '../../../test/fixtures/sample-stack.ts';
import { installTradingStackCrd } from '../../../test/harness/kube/trading-stack-crd.ts';
import { until } from '../../../test/harness/until.ts';
import { FINALIZER, MANAGED_SELECTOR } from '../../api/v1alpha1/labels.ts';
import { readStatus } from '../../api/v1alpha1/trading-stack/read-status.ts';
import type { TradingStackStatus } from '../../api/v1alpha1/trading-stack/status.ts';
import { deployments, events, services } from '../../kube/client/builtin-resources.ts';
import { startOperator, type RunningOperator } from '../../../test/harness/kube/running-operator.ts';
import type { KubeClient } from '../../kube/client/client.ts';
import type { KubeObject } from '../../kube/client/resource.ts';
import { CHILD_KINDS } from '../../resources/child-object.ts';
import { CHILD_RESOURCES, tradingStacks } from '../caches/stack-caches.ts';

let admin: KubeClient;
beforeAll(async () => {
  admin = testKubeClient();
  await installTradingStackCrd(admin);
});
afterAll(async () => {
  await admin.close();
});

let namespace: string;
let hand: ControllersByHand;
let processes: ProcessesByHand;
let operator: RunningOperator;
beforeEach(async () => {
  namespace = await newNamespace(admin, 'stack');
  processes = processesByHand();
  hand = controllersByHand(admin, namespace, processes);
  operator = await startOperator(namespace, processes);
});
afterEach(async () => {
  await operator.stop();
});

const QUICK = { rollout: { soakSeconds: 0 }, execution: { swap: { postSwitchSoakSeconds: 0 } } };

async function statusOf(name = 'demo'): Promise<TradingStackStatus> {
  const { status } = await admin.get(tradingStacks, { namespace, name });
  return readStatus(status);
}

async function untilPhase(phase: TradingStackStatus['phase'], name = 'demo'): Promise<TradingStackStatus> {
  return await until(async () => {
    await hand.play();
    const status = await statusOf(name);
    return status.phase === phase ? status : undefined;
  }, 45_000);
}

async function runningStack(): Promise<TradingStackStatus> {
  await hand.makePlatformSecrets();
  await admin.create(tradingStacks, sampleStack({ namespace, change: QUICK }));
  return await untilPhase('Running');
}

async function childrenLeft(): Promise<readonly string[]> {
  const lists = await Promise.all(
    CHILD_KINDS.map(async (kind) => {
      const { items } = await admin.list<object>(CHILD_RESOURCES[kind], { namespace, labelSelector: MANAGED_SELECTOR });
      return items.map(({ metadata }) => `${kind}/${metadata.name}`);
    }),
  );
  return lists.flat();
}

/** Reconciles the stack several times in series. */
async function reconcileAgain(times = 4): Promise<void> {
  for (let count = 0; count < times; count += 1) {
    operator.controller.enqueue(`${namespace}/demo`);
    await systemClock.sleep(50);
    await until(() => operator.controller.idle());
  }
}

it('rolls out a stack tier by tier, activates one sender, and then writes nothing', async () => {
  await admin.create(tradingStacks, sampleStack({ namespace, change: QUICK }));
  const waiting = await until(async () => {
    const status = await statusOf();
    return status.blockedBy?.includes('SecretMissing') === true ? status : undefined;
  });
  expect(waiting).toMatchObject({ phase: 'Pending' });
  await hand.makePlatformSecrets();
  await until(async () => (await statusOf()).blockedBy?.startsWith('foundation/JobComplete') ?? false);
  expect((await admin.list(deployments, { namespace })).items).toEqual([]);

  const status = await untilPhase('Running');
  expect(status).toMatchObject({
    ready: `${CATALOGUE.length}/${CATALOGUE.length}`,
    execution: { active: 'blue', epoch: 1 },
    observedGeneration: 1,
  });
  expect(status.tiers?.every(({ state }) => state === 'Passed')).toBe(true);
  expect(processes.activations).toEqual([1]);

  await until(() => operator.controller.idle());
  await systemClock.sleep(300);
  const before = operator.calls.length;
  await reconcileAgain();
  expect(operator.calls.slice(before)).toEqual([]);

  const { items } = await admin.list(events, { namespace });
  const reasons = items.filter(({ regarding }) => regarding?.kind === 'TradingStack').map(({ reason }) => reason ?? '');
  expect(new Set(reasons)).toEqual(
    new Set([
      'Blocked',
      'RolloutStarted',
      'TierStarted',
      'TierPassed',
      'ReleaseActivationStarted',
      'ReleaseActive',
      'ActivationStarted',
      'SenderActive',
      'ReleaseCurrent',
    ]),
  );
});

it('leaves an object of another maker as it is, says so, and goes on when it is gone', async () => {
  const foreign = { metadata: { namespace, name: 'demo-ws' }, spec: { ports: [{ port: 80 }] } };
  const made = await admin.apply(services, foreign, { fieldManager: 'person' });
  await hand.makePlatformSecrets();
  await admin.create(tradingStacks, sampleStack({ namespace, change: QUICK }));
  const { blockedBy } = await untilPhase('Stalled');
  expect(blockedBy).toContain('Service demo-ws: AlreadyExists: Service demo-ws was made by person');
  expect(await admin.get(services, { namespace, name: 'demo-ws' })).toEqual(made);
  await admin.delete(services, { namespace, name: 'demo-ws' });
  expect((await untilPhase('Running')).blockedBy).toBeUndefined();
});

it('restores objects that were deleted or changed', async () => {
  await runningStack();
  await admin.delete(services, { namespace, name: 'demo-ws' });
  await until(async () => (await admin.find(services, { namespace, name: 'demo-ws' })) !== undefined);
  const image = [{ name: 'ws', image: 'example/foreign:1' }];
  const patch = { spec: { template: { spec: { containers: image } } } };
  await admin.mergePatch(deployments, { namespace, name: 'demo-ws' }, patch);
  const repaired = await until(async () => {
    const { spec } = await admin.get(deployments, { namespace, name: 'demo-ws' });
    const [container] = spec?.template.spec?.containers ?? [];
    return container?.image === 'example/foreign:1' ? undefined : container;
  });
  expect(repaired).toMatchObject({
    image: 'registry.example.com/tradingstack:1.0.0',
    command: ['node', '/app/ws.mjs'],
  });
});

it('removes what others add to a pod template, and names them', async () => {
  await runningStack();
  const ref = { namespace, name: 'demo-execution-blue' };
  const evil = { containers: [{ name: 'evil', image: 'example/evil:1' }], hostNetwork: true };
  const change = { metadata: ref, spec: { template: { spec: evil } } } as KubeObject;
  await admin.apply(deployments, change, { fieldManager: 'attacker' });
  const repaired = await until(async () => {
    const { spec } = await admin.get(deployments, ref);
    return spec?.template.spec?.containers.length === 1 ? spec.template.spec : undefined;
  });
  expect([repaired.hostNetwork, repaired.containers[0]?.name]).toEqual([undefined, 'execution']);
  const note = await until(async () => {
    const { items } = await admin.list(events, { namespace });
    return items.find(({ reason }) => reason === 'DriftRepaired')?.note;
  });
  expect(note).toMatch(
    /^Deployment demo-execution-blue spec.template.spec.\S+ was changed by attacker, and is restored$/,
  );
});

it('does not fight a writer that changes an object repeatedly, and reports the conflict', async () => {
  await runningStack();
  const ref = { namespace, name: 'demo-db-writer' };
  let reversals = 0;
  const fighting = new AbortController();
  const rival = (async () => {
    while (!fighting.signal.aborted) {
      const { spec } = await admin.get(deployments, ref);
      if (spec?.replicas === 1) {
        await admin.mergePatch(deployments, ref, { spec: { replicas: 2 } }, { fieldManager: 'autoscaler' });
        reversals += 1;
      }
      await systemClock.sleep(20);
    }
  })();
  onTestFinished(async () => {
    fighting.abort();
    await rival;
  });
  const condition = await until(async () => {
    const { conditions } = await statusOf();
    return conditions?.find(({ reason }) => reason === 'FieldConflict');
  }, 20_000);
  expect(condition).toMatchObject({ type: 'Degraded', status: 'True' });
  expect(condition.message).toBe('Deployment demo-db-writer spec.replicas is changed repeatedly by autoscaler');
  // Three at once, and one or two of those that wait.
  expect(reversals).toBeLessThanOrEqual(6);
});

it('rolls out a change and deletes the objects of the old release', async () => {
  const before = await runningStack();
  const patch = { spec: { release: { image: 'registry.example.com/tradingstack:2.0.0' } } };
  await admin.mergePatch(tradingStacks, { namespace, name: 'demo' }, patch);
  const status = await until(async () => {
    await hand.play();
    const now = await statusOf();
    return now.phase === 'Running' && now.release?.current !== before.release?.current ? now : undefined;
  }, 45_000);
  expect(status).toMatchObject({
    observedGeneration: 2,
    execution: { active: 'green', epoch: 2, blue: { state: 'standby' }, lastSwap: { from: 'blue', to: 'green' } },
  });
  await until(async () => (await childrenLeft()).filter((name) => name.startsWith('Job/')).length === 1);
});

it('returns by itself from a release that does not come up, and from its record when a person asks for one', async () => {
  const first = (await runningStack()).release?.current ?? '';
  const patch = async (tag: string, rollout: object = {}): Promise<void> => {
    const release = { image: `registry.example.com/tradingstack:${tag}` };
    await admin.mergePatch(tradingStacks, { namespace, name: 'demo' }, { spec: { release, rollout } });
  };
  const untilTarget = async (is: (status: TradingStackStatus) => boolean): Promise<TradingStackStatus> =>
    await until(async () => {
      await hand.play();
      const now = await statusOf();
      return is(now) ? now : undefined;
    }, 45_000);
  processes.refuse = 'ws';
  await patch('2.0.0', { tierDeadlineSeconds: 10 });
  const back = await untilTarget(({ phase, release }) => phase === 'Stalled' && release?.failed !== undefined);
  expect(back).toMatchObject({ release: { target: first, current: first }, execution: { active: 'blue', epoch: 1 } });
  expect(back.blockedBy).toContain('release: RolledBack - data/');
  processes.refuse = '';
  await patch('3.0.0');
  const third = await untilTarget(({ phase }) => phase === 'Running');
  expect(third.execution?.active).toBe('green');
  const annotate = async (value: string | null): Promise<void> =>
    void (await admin.mergePatch(
      tradingStacks,
      { namespace, name: 'demo' },
      { metadata: { annotations: { 'tradingstack.dev/rollback-to': value } } },
    ));
  await annotate(first);
  const asked = await untilTarget(
    ({ release, execution }) => release?.current === first && execution?.active === 'blue',
  );
  expect(asked.execution?.epoch).toBe(3);
  await annotate(null);
  await untilTarget(({ phase, execution }) => phase === 'Running' && execution?.active === 'green');
}, 120_000);

it('reports the failing service and its recovery', async () => {
  await runningStack();
  processes.say('risk', {
    ready: false,
    checks: [{ name: 'postgres', ok: false, reason: 'Unreachable', message: 'ECONNREFUSED' }],
  });
  operator.controller.enqueue(`${namespace}/demo`);
  // Its pod may be seen to be unavailable before its process has said why.
  const degraded = await until(async () => {
    await hand.play();
    const status = await statusOf();
    return status.blockedBy?.includes('Unreachable') === true ? status : undefined;
  }, 45_000);
  expect(degraded).toMatchObject({
    phase: 'Degraded',
    ready: `${CATALOGUE.length - 1}/${CATALOGUE.length}`,
    blockedBy: expect.stringMatching(
      /^risk\/(?:DeploymentAvailable|Ready) risk: Unreachable - postgres: ECONNREFUSED$/,
    ),
  });
  processes.say('risk', {});
  expect(await untilPhase('Running')).not.toHaveProperty('blockedBy');
});

describe('a second stack in a namespace', () => {
  it('stalls without creating anything, and takes over when the first is deleted', async () => {
    await hand.makePlatformSecrets();
    await admin.create(tradingStacks, sampleStack({ namespace, name: 'first', change: QUICK }));
    await until(async () => (await statusOf('first')).blockedBy?.startsWith('foundation/') ?? false);
    await admin.create(tradingStacks, sampleStack({ namespace, name: 'second', change: QUICK }));
    const taken = await untilPhase('Stalled', 'second');
    expect(taken.blockedBy).toBe(
      `metadata.namespace: NamespaceTaken - namespace ${namespace} belongs to TradingStack first; ` +
        'use another namespace',
    );
    const { metadata } = await admin.get(tradingStacks, { namespace, name: 'second' });
    expect(metadata.finalizers ?? []).toEqual([]);
    await admin.delete(tradingStacks, { namespace, name: 'first' });
    const status = await until(async () => {
      await hand.play();
      await hand.stopPods();
      const now = await statusOf('second');
      return now.phase === 'Running' ? now : undefined;
    }, 45_000);
    expect(status).toMatchObject({ ready: `${CATALOGUE.length}/${CATALOGUE.length}` });
  });
});

it('deletes a stack tier by tier and leaves nothing', async () => {
  await runningStack();
  await admin.delete(tradingStacks, { namespace, name: 'demo' });
  await until(
    async () => (await statusOf()).blockedBy?.includes('tier execution to stop: demo-execution-blue') ?? false,
  );
  const { items } = await admin.list(deployments, { namespace });
  const scaled = items.filter(({ spec }) => spec?.replicas === 0).map(({ metadata }) => metadata.name);
  expect(scaled).toEqual(['demo-execution-blue']);
  expect((await admin.get(tradingStacks, { namespace, name: 'demo' })).metadata.finalizers).toEqual([FINALIZER]);
  await until(async () => {
    await hand.stopPods();
    await hand.play();
    return (await admin.find(tradingStacks, { namespace, name: 'demo' })) === undefined;
  }, 45_000);
  expect(await childrenLeft()).toEqual([]);
});
