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
  namespace = await newNamespace(admin, 'swap-flat');
  processes = processesByHand();
  hand = controllersByHand(admin, namespace, processes);
  operator = await startOperator(namespace, processes);
  await hand.makePlatformSecrets();
});
afterEach(async () => {
  await operator.stop();
});

const FLAT = {
  rollout: { soakSeconds: 0 },
  execution: { swap: { postSwitchSoakSeconds: 0, positionPolicy: 'Flat' } },
};

async function untilStatus(is: (status: TradingStackStatus) => boolean): Promise<TradingStackStatus> {
  return await until(async () => {
    await hand.play();
    const status = readStatus((await admin.get(tradingStacks, { namespace, name: 'demo' })).status);
    return is(status) ? status : undefined;
  }, 60_000);
}

/** Risk says, as it does on its own, that it is flat, or that Flattening is over. */
async function risk(state: 'Halted' | 'Active', revision: number): Promise<void> {
  const request = { source: 'flatten', state, author: 'risk', reason: 'every position is closed', revision };
  // Risk may run in either of its two places.
  for (const ip of ['10.0.0.1', '10.0.0.3'])
    for (const service of ['risk', 'execution'] as const)
      await processes.postTradingState({ service, ip }, request, 'token', new AbortController().signal);
}

const stateOf = (service: string): string | undefined =>
  processes.tradingOf(service).find(({ source }) => source === 'swap')?.state;

it('sells before a swap, across a restart of the operator, and lifts its request after it', async () => {
  await admin.create(tradingStacks, sampleStack({ namespace, change: FLAT }));
  await untilStatus(({ phase }) => phase === 'Running');
  processes.say('risk', { flatten: { openPositions: 2, problems: [] } });
  const release = { image: 'registry.example.com/tradingstack:2.0.0', version: '2.0.0' };
  await admin.mergePatch(tradingStacks, { namespace, name: 'demo' }, { spec: { release } });
  await untilStatus(({ execution }) => execution?.flat?.state === 'Selling');
  await until(() => stateOf('risk') === 'Flattening' && stateOf('execution') === 'Flattening');
  // The processes of the release that is rolled out were replaced since.
  processes.say('risk', { flatten: { openPositions: 2, problems: [] } });
  await untilStatus(({ execution }) => execution?.flat?.message === 'open positions: 2');
  await operator.stop();
  operator = await startOperator(namespace, processes);
  expect(processes.activations).toEqual([1]);

  processes.say('risk', { flatten: { openPositions: 0, problems: [] } });
  await risk('Halted', 1);
  const swapped = await untilStatus(({ execution }) => execution?.active === 'green');
  expect(swapped.execution).toMatchObject({ epoch: 2, lastSwap: { from: 'blue', to: 'green' } });
  expect(processes.activations).toEqual([1, 2]);
  await untilStatus(() => stateOf('risk') === 'Active' && stateOf('execution') === 'Active');
  await risk('Active', 2);
  const after = await untilStatus(({ trading }) => trading?.state === 'Active' && trading.requested === 'Active');
  expect(after.execution).not.toHaveProperty('flat');
});
