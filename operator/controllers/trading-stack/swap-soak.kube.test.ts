import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { CLEAN } from '../../../test/fixtures/fake-senders.ts';
import { sampleStack } from '../../../test/fixtures/sample-stack.ts';
import { controllersByHand, type ControllersByHand } from '../../../test/harness/kube/controllers-by-hand.ts';
import { newNamespace, testKubeClient } from '../../../test/harness/kube/kube-client.ts';
import { processesByHand, type ProcessesByHand } from '../../../test/harness/kube/processes-by-hand.ts';
import { startOperator, type RunningOperator } from '../../../test/harness/kube/running-operator.ts';
import { installTradingStackCrd } from '../../../test/harness/kube/trading-stack-crd.ts';
import { until } from '../../../test/harness/until.ts';
import { readStatus } from '../../api/v1alpha1/trading-stack/read-status.ts';
import type { TradingStackStatus } from '../../api/v1alpha1/trading-stack/status.ts';
import { events } from '../../kube/client/builtin-resources.ts';
import type { KubeClient } from '../../kube/client/client.ts';
import { tradingStacks } from '../caches/stack-caches.ts';

let admin: KubeClient;
let namespace: string;
let hand: ControllersByHand;
let processes: ProcessesByHand;
let operator: RunningOperator;

beforeAll(async () => {
  admin = testKubeClient();
  await installTradingStackCrd(admin);
});
afterAll(async () => {
  await admin.close();
});
beforeEach(async () => {
  namespace = await newNamespace(admin, 'swap-soak');
  processes = processesByHand();
  hand = controllersByHand(admin, namespace, processes);
  operator = await startOperator(namespace, processes);
  await hand.makePlatformSecrets();
});
afterEach(async () => {
  await operator.stop();
});

const SOAK = { rollout: { soakSeconds: 0 }, execution: { swap: { postSwitchSoakSeconds: 2 } } };

async function statusNow(): Promise<TradingStackStatus> {
  return readStatus((await admin.get(tradingStacks, { namespace, name: 'demo' })).status);
}

async function untilStatus(is: (status: TradingStackStatus) => boolean): Promise<TradingStackStatus> {
  return await until(async () => {
    await hand.play();
    const status = await statusNow();
    return is(status) ? status : undefined;
  }, 60_000);
}

async function patch(spec: object): Promise<void> {
  await admin.mergePatch(tradingStacks, { namespace, name: 'demo' }, { spec });
}

/** A stack that runs, and is on probation in another release. */
async function soaking(): Promise<TradingStackStatus> {
  await admin.create(tradingStacks, sampleStack({ namespace, change: SOAK }));
  await untilStatus(({ phase }) => phase === 'Running');
  await patch({ release: { image: 'registry.example.com/tradingstack:2.0.0', version: '2.0.0' } });
  return await untilStatus(({ execution }) => execution?.lastSwap?.soak?.state === 'Soaking');
}

const reasons = async (): Promise<readonly string[]> => {
  const { items } = await admin.list(events, { namespace });
  return items.map(({ reason }) => reason ?? '');
};

it('a new sender passes its probation, also by an operator that starts in the middle of it', async () => {
  const before = await soaking();
  await operator.stop();
  operator = await startOperator(namespace, processes);
  const after = await untilStatus(({ phase }) => phase === 'Running');
  expect(after).toMatchObject({
    execution: { active: 'green', epoch: 2, lastSwap: { epoch: 2, soak: { state: 'Passed' } } },
    release: { lastGood: before.release?.target },
  });
  await until(async () => {
    const seen = await reasons();
    return ['SwapStarted', 'SwapSoaking', 'SwapPassed'].every((reason) => seen.includes(reason));
  });
});

it('a new sender that fails hands back, and the stack stalls in the release before', async () => {
  const before = await soaking();
  const sender = { role: 'active', epoch: 2, fenceEpoch: 2, evidence: { ...CLEAN, rejected: 4 } } as const;
  processes.say('execution-green', { sender });
  const after = await untilStatus(({ phase }) => phase === 'Stalled');
  const back = await untilStatus(({ execution }) => execution?.active === 'blue');
  expect(after.release).toMatchObject({ failed: { release: before.release?.target, reason: 'OrdersRejected' } });
  expect(back).toMatchObject({ execution: { epoch: 3 }, release: { target: before.release?.lastGood } });
  expect(processes.activations).toEqual([1, 2, 3]);
  await until(async () => (await reasons()).includes('SwapFailed'));
});

it('outside the window nothing is rolled out, and nothing is written while it waits', async () => {
  await admin.create(tradingStacks, sampleStack({ namespace, change: SOAK }));
  const running = await untilStatus(({ phase }) => phase === 'Running');
  const hour = (new Date().getUTCHours() + 12) % 24;
  const release = { image: 'registry.example.com/tradingstack:2.0.0', version: '2.0.0' };
  await patch({ release, rollout: { ...SOAK.rollout, window: { schedule: `0 ${hour} * * *`, duration: '1h' } } });
  const waiting = await untilStatus(({ phase }) => phase === 'Pending');
  expect(waiting.release).toMatchObject({ target: running.release?.target, waiting: { opensAt: expect.any(String) } });
  await until(() => operator.controller.idle());
  const before = operator.calls.length;
  for (let count = 0; count < 3; count += 1) {
    operator.controller.enqueue(`${namespace}/demo`);
    await until(() => operator.controller.idle());
  }
  expect(operator.calls.slice(before)).toEqual([]);
  await until(async () => (await reasons()).includes('RolloutWaits'));
});
