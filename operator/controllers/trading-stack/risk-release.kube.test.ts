import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { sampleStack } from '../../../test/fixtures/sample-stack.ts';
import { controllersByHand, type ControllersByHand } from '../../../test/harness/kube/controllers-by-hand.ts';
import { newNamespace, testKubeClient } from '../../../test/harness/kube/kube-client.ts';
import { operatorLife } from '../../../test/harness/kube/mortal/operator-life.ts';
import { processesByHand, type ProcessesByHand } from '../../../test/harness/kube/processes-by-hand.ts';
import { startOperator, type RunningOperator } from '../../../test/harness/kube/running-operator.ts';
import { installTradingStackCrd } from '../../../test/harness/kube/trading-stack-crd.ts';
import { until } from '../../../test/harness/until.ts';
import { readStatus } from '../../api/v1alpha1/trading-stack/read-status.ts';
import type { TradingStackStatus } from '../../api/v1alpha1/trading-stack/status.ts';
import { events } from '../../kube/client/builtin-resources.ts';
import type { KubeClient } from '../../kube/client/client.ts';
import { tradingStacks } from '../caches/stack-caches.ts';

// The pod of a new release of risk runs beside the one that decides until it decides itself.

let admin: KubeClient;
let namespace: string;
let hand: ControllersByHand;
let processes: ProcessesByHand;
let operator: RunningOperator | undefined;

beforeAll(async () => {
  admin = testKubeClient();
  await installTradingStackCrd(admin);
});
afterAll(async () => {
  await admin.close();
});
beforeEach(async () => {
  namespace = await newNamespace(admin, 'risk-release');
  processes = processesByHand();
  hand = controllersByHand(admin, namespace, processes);
  operator = await startOperator(namespace, processes);
  await hand.makePlatformSecrets();
});
afterEach(async () => {
  await operator?.stop();
});

const QUICK = {
  rollout: { soakSeconds: 0, tierDeadlineSeconds: 10 },
  execution: { swap: { postSwitchSoakSeconds: 0 } },
};
/** The places of the pod that decides and of the one that is to. */
const PLACES = ['risk', 'risk-2'] as const;
const STEPS_MAX = 60;

async function statusNow(): Promise<TradingStackStatus> {
  return readStatus((await admin.get(tradingStacks, { namespace, name: 'demo' })).status);
}

/** Lets the cluster run. In every moment, one process runs that decides. */
async function untilStatus(is: (status: TradingStackStatus) => boolean): Promise<TradingStackStatus> {
  return await until(async () => {
    await hand.play();
    const deciding = PLACES.filter((place) => processes.releaseOf(place) === processes.decided.at(-1));
    if (processes.decided.length > 0) expect(deciding).toHaveLength(1);
    const status = await statusNow();
    return is(status) ? status : undefined;
  }, 60_000);
}

/** Returns the release of risk that decides. */
async function install(): Promise<string> {
  await admin.create(tradingStacks, sampleStack({ namespace, change: QUICK }));
  const { risk } = await untilStatus(({ phase }) => phase === 'Running');
  expect(risk).toMatchObject({ active: processes.decided[0], epoch: 1, pod: `demo-risk-${processes.decided[0]}` });
  return processes.decided[0] ?? '';
}

/** Makes another release that differs in risk only. */
async function change(memory: string): Promise<void> {
  const spec = { services: { risk: { resources: { limits: { memory } } } } };
  await admin.mergePatch(tradingStacks, { namespace, name: 'demo' }, { spec });
}

const reasons = async (): Promise<readonly string[]> => {
  const { items } = await admin.list(events, { namespace });
  return items.map(({ reason }) => reason ?? '');
};

it('a new release decides once its process passes every other check; until then the one before does', async () => {
  const first = await install();
  processes.sick.add('risk-2');
  await change('401Mi');
  const refused = await untilStatus(({ blockedBy }) => blockedBy?.includes('FeedStale') === true);
  expect(refused.blockedBy).toMatch(/^risk\/DeploymentAvailable risk: FeedStale - feed: no book for 9 s/);
  expect(refused.plan?.map(({ action, tier }) => `${action} ${tier}`)).toContain('Activate risk');
  expect([refused.risk?.active, processes.decided]).toEqual([first, [first]]);

  processes.sick.clear();
  const after = await untilStatus(({ phase }) => phase === 'Running');
  expect(processes.decided).toEqual([first, expect.not.stringContaining(first)]);
  expect(after.risk).toMatchObject({ active: processes.decided[1], epoch: 2 });
  expect(after.risk).not.toHaveProperty('transition');
  expect(after.execution).toMatchObject({ active: 'blue', epoch: 1 });
  expect(PLACES.map((place) => processes.releaseOf(place))).toEqual([undefined, processes.decided[1]]);
  await until(async () => {
    const seen = await reasons();
    return ['ReleaseActivationStarted', 'ReleaseActive'].every((reason) => seen.includes(reason));
  });
});

it('a new release that never becomes ready is given up, says why, and never decides', async () => {
  const first = await install();
  processes.sick.add('risk-2');
  await change('402Mi');
  const failed = await untilStatus(({ phase, risk }) => phase === 'Stalled' && risk?.transition === undefined);
  expect(failed.blockedBy).toContain('release: RolledBack - risk/DeploymentAvailable risk: FeedStale');
  expect(failed.release?.failed).toMatchObject({ reason: 'FeedStale' });
  expect(failed.risk).toMatchObject({ active: first, epoch: 1 });
  await untilStatus(() => processes.releaseOf('risk-2') === undefined);
  expect([processes.decided, processes.releaseOf('risk')]).toEqual([[first], first]);
}, 120_000);

it('a release that fails after it decides gives back to the one before, which waits beside it', async () => {
  const first = await install();
  await operator?.stop();
  const postActivate: ProcessesByHand['postActivate'] = async (...command) => {
    const outcome = await processes.postActivate(...command);
    if (processes.decided.length === 2) processes.sick.add('risk-2');
    return outcome;
  };
  operator = await startOperator(namespace, { ...processes, postActivate });
  await change('403Mi');
  const failed = await untilStatus(({ phase, risk }) => phase === 'Stalled' && risk?.active === first);
  expect(failed.release?.failed).toMatchObject({ reason: 'FeedStale' });
  expect(processes.decided).toEqual([first, expect.not.stringContaining(first), first]);
  expect(failed.risk?.epoch).toBe(3);
  await untilStatus(() => processes.releaseOf('risk-2') === undefined);
  expect(processes.releaseOf('risk')).toBe(first);
}, 120_000);

it('a rollback that a person asks for activates the release before again', async () => {
  const first = await install();
  const { release } = await statusNow();
  await change('404Mi');
  await untilStatus(({ phase, risk }) => phase === 'Running' && risk?.epoch === 2);
  const annotations = { 'tradingstack.dev/rollback-to': release?.current };
  await admin.mergePatch(tradingStacks, { namespace, name: 'demo' }, { metadata: { annotations } });
  const back = await untilStatus(({ risk }) => risk?.active === first);
  expect(back.risk?.epoch).toBe(3);
  expect(processes.decided).toEqual([first, expect.not.stringContaining(first), first]);
});

it('operators that end after one step each activate a release together, once', async () => {
  const first = await install();
  await operator?.stop();
  operator = undefined;
  await change('405Mi');
  const isDone = ({ phase, risk, observedGeneration }: TradingStackStatus): boolean =>
    phase === 'Running' && risk?.epoch === 2 && observedGeneration === 2;
  const steps: string[] = [];
  for (let lives = 0; !isDone(await statusNow()); lives += 1) {
    expect(lives).toBeLessThan(STEPS_MAX);
    const life = operatorLife(1);
    const mortal = await startOperator(namespace, life.reach(processes), life);
    await untilStatus((status) => life.isOver() || isDone(status));
    await mortal.stop();
    steps.push(...life.steps);
  }
  expect(steps).toContain('activate release');
  expect(processes.decided).toEqual([first, expect.not.stringContaining(first)]);
  expect((await statusNow()).risk).toMatchObject({ active: processes.decided[1], epoch: 2 });
}, 180_000);
