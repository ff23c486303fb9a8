import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { sampleStack } from '../../../test/fixtures/sample-stack.ts';
import { controllersByHand, type ControllersByHand } from '../../../test/harness/kube/controllers-by-hand.ts';
import { newNamespace, testKubeClient } from '../../../test/harness/kube/kube-client.ts';
import { processesByHand, type ProcessesByHand } from '../../../test/harness/kube/processes-by-hand.ts';
import { startOperator, type RunningOperator } from '../../../test/harness/kube/running-operator.ts';
import { installTradingStackCrd } from '../../../test/harness/kube/trading-stack-crd.ts';
import { until } from '../../../test/harness/until.ts';
import { readStatus } from '../../api/v1alpha1/trading-stack/read-status.ts';
import type { TradingStackStatus } from '../../api/v1alpha1/trading-stack/status.ts';
import type { KubeClient } from '../../kube/client/client.ts';
import { tradingStacks } from '../caches/stack-caches.ts';
import { events } from '../../kube/client/builtin-resources.ts';

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
  namespace = await newNamespace(admin, 'swap-canary');
  processes = processesByHand();
  hand = controllersByHand(admin, namespace, processes);
  operator = await startOperator(namespace, processes);
  await hand.makePlatformSecrets();
});
afterEach(async () => {
  await operator.stop();
});

const CANARY = {
  rollout: { soakSeconds: 0 },
  execution: {
    swap: { postSwitchSoakSeconds: 0 },
    canary: { enabled: true, durationSeconds: 10, symbols: ['XRP/ETH'] },
  },
};

async function untilStatus(is: (status: TradingStackStatus) => boolean): Promise<TradingStackStatus> {
  return await until(async () => {
    await hand.play();
    const status = readStatus((await admin.get(tradingStacks, { namespace, name: 'demo' })).status);
    return is(status) ? status : undefined;
  }, 60_000);
}

async function patch(spec: object): Promise<void> {
  await admin.mergePatch(tradingStacks, { namespace, name: 'demo' }, { spec });
}

const reasons = async (): Promise<readonly string[]> => {
  const { items } = await admin.list(events, { namespace });
  return items.map(({ reason }) => reason ?? '');
};

it('activates the next sender with its canary, and lifts it after the probation, also by another operator', async () => {
  await admin.create(tradingStacks, sampleStack({ namespace, change: CANARY }));
  await untilStatus(({ phase }) => phase === 'Running');
  expect(processes.caps).toEqual([undefined]);
  await patch({ release: { image: 'registry.example.com/tradingstack:2.0.0', version: '2.0.0' } });
  const { execution } = await untilStatus((status) => status.execution?.canary?.until !== undefined);
  expect(execution).toMatchObject({
    active: 'green',
    canary: { state: 'Active', colour: 'green', epoch: 2, maxNotional: '10', symbols: ['XRP/ETH'] },
  });
  expect(processes.caps).toEqual([undefined, '10']);
  await operator.stop();
  operator = await startOperator(namespace, processes);
  await patch({ execution: { canary: { maxNotional: '5' } } });
  await untilStatus((status) => status.execution?.canary?.maxNotional === '5' && processes.caps.at(-1) === '5');

  const after = await untilStatus(({ phase, execution: now }) => phase === 'Running' && now?.canary === undefined);
  expect(after.execution).toMatchObject({ active: 'green', epoch: 2, lastSwap: { soak: { state: 'Passed' } } });
  expect([...new Set(processes.activations)]).toEqual([1, 2]);
  expect(processes.caps.at(-1)).toBeUndefined();
  await until(async () => {
    const seen = await reasons();
    return ['CanaryStarted', 'CanaryLifted'].every((reason) => seen.includes(reason));
  });
});
