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
import { events, pods } from '../../kube/client/builtin-resources.ts';
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
  namespace = await newNamespace(admin, 'takeover');
  processes = processesByHand();
  hand = controllersByHand(admin, namespace, processes);
  operator = await startOperator(namespace, processes);
  await hand.makePlatformSecrets();
});
afterEach(async () => {
  await operator.stop();
});

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

/** A stack that runs with a sender and a spare. Returns the pods of both. */
async function running(): Promise<{ readonly sender: string; readonly spare: string }> {
  await admin.create(tradingStacks, sampleStack({ namespace, change: { rollout: { soakSeconds: 0 } } }));
  const { execution } = await untilStatus(({ phase, execution: now }) => phase === 'Running' && now?.pod !== undefined);
  const { items } = await admin.list(pods, { namespace });
  const sender = execution?.pod ?? '';
  const spare = items.map(({ metadata }) => metadata.name).find((name) => name === `${sender}-2`) ?? '';
  expect(spare).not.toBe('');
  return { sender, spare };
}

const reasons = async (): Promise<readonly string[]> => {
  const { items } = await admin.list(events, { namespace });
  return items.map(({ reason }) => reason ?? '');
};
const degradedBy = ({ conditions = [] }: TradingStackStatus): string | undefined =>
  conditions.find(({ type, status }) => type === 'Degraded' && status === 'True')?.reason;

it('the spare takes over from a sender that does not answer, once, and the old one comes back as the spare', async () => {
  const { sender, spare } = await running();
  processes.silent.add('execution-blue');
  const after = await untilStatus(({ execution }) => execution?.pod === spare);
  expect(after.execution).toMatchObject({
    active: 'blue',
    epoch: 2,
    lastTakeover: { from: sender, to: spare, epoch: 2, reason: 'SenderSilent', count: 1 },
  });
  await untilStatus((status) => degradedBy(status) !== undefined);
  processes.silent.delete('execution-blue');
  const back = await untilStatus((status) => status.phase === 'Running' && degradedBy(status) === undefined);
  expect(back.execution).toMatchObject({ pod: spare, epoch: 2, blue: { ready: 2, desired: 2, state: 'active' } });
  expect(processes.activations).toEqual([1, 2]);
  await until(async () => (await reasons()).includes('SpareTakesOver'));
});

it('an operator that starts in the middle of a takeover asks the same pod for the same epoch', async () => {
  const { spare } = await running();
  await operator.stop();
  processes.silent.add('execution-blue');
  const transition = { to: 'blue', epoch: 2, startedAt: new Date().toISOString(), pod: spare };
  const patch = { status: { execution: { transition } } };
  await admin.mergePatch(tradingStacks, { namespace, name: 'demo' }, patch, { status: true });
  operator = await startOperator(namespace, processes);
  const after = await untilStatus(({ execution }) => execution?.pod === spare);
  expect(after.execution).toMatchObject({ active: 'blue', epoch: 2 });
  expect(processes.activations).toEqual([1, 2]);
});

it('no spare takes over while the stack is suspended, and one does after that', async () => {
  const { spare } = await running();
  const suspend = async (is: boolean): Promise<void> => {
    await admin.mergePatch(tradingStacks, { namespace, name: 'demo' }, { spec: { suspend: is } });
  };
  await suspend(true);
  await untilStatus(({ phase }) => phase === 'Suspended');
  processes.silent.add('execution-blue');
  const unknown = await untilStatus(({ execution }) => execution?.active === 'Unknown');
  expect([unknown.execution?.epoch, processes.activations]).toEqual([1, [1]]);
  await suspend(false);
  await untilStatus(({ execution }) => execution?.pod === spare);
  expect(processes.activations).toEqual([1, 2]);
});

it('a stack with one pod of execution has no spare, and is not degraded by that', async () => {
  const change = { rollout: { soakSeconds: 0 }, services: { execution: { replicas: 1 } } };
  await admin.create(tradingStacks, sampleStack({ namespace, change }));
  const status = await untilStatus(({ phase }) => phase === 'Running');
  expect([degradedBy(status), status.execution?.blue?.desired]).toEqual([undefined, 1]);
});
