import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest';
import { sampleStack } from '../../../test/fixtures/sample-stack.ts';
import { controllersByHand, type ControllersByHand } from '../../../test/harness/kube/controllers-by-hand.ts';
import { newNamespace, testKubeClient } from '../../../test/harness/kube/kube-client.ts';
import { processesByHand, type ProcessesByHand } from '../../../test/harness/kube/processes-by-hand.ts';
import { startOperator, type RunningOperator } from '../../../test/harness/kube/running-operator.ts';
import { installTradingStackCrd } from '../../../test/harness/kube/trading-stack-crd.ts';
import { until } from '../../../test/harness/until.ts';
import { systemClock } from '../../../services/shared/runtime/clock.ts';
import { readStatus } from '../../api/v1alpha1/trading-stack/read-status.ts';
import type { TradingStackStatus } from '../../api/v1alpha1/trading-stack/status.ts';
import { events } from '../../kube/client/builtin-resources.ts';
import type { KubeClient } from '../../kube/client/client.ts';
import { tradingStacks } from '../caches/stack-caches.ts';

let admin: KubeClient;
let namespace: string;
let hand: ControllersByHand;
let processes: ProcessesByHand;

beforeAll(async () => {
  admin = testKubeClient();
  await installTradingStackCrd(admin);
});
afterAll(async () => {
  await admin.close();
});
beforeEach(async () => {
  namespace = await newNamespace(admin, 'claim');
  processes = processesByHand();
  hand = controllersByHand(admin, namespace, processes);
  await hand.makePlatformSecrets();
});

const QUICK = { rollout: { soakSeconds: 0 } };
const EXPIRES_MS = 4_000;

async function start(installation: string): Promise<RunningOperator> {
  const operator = await startOperator(namespace, processes, { installation, claimExpiresMs: EXPIRES_MS });
  onTestFinished(async () => await operator.stop().catch(() => undefined));
  return operator;
}

async function statusOf(): Promise<TradingStackStatus> {
  return readStatus((await admin.get(tradingStacks, { namespace, name: 'demo' })).status);
}

async function untilRunning(by: string): Promise<void> {
  await until(async () => {
    await hand.play();
    const { phase, operator } = await statusOf();
    return phase === 'Running' && operator === by;
  }, 45_000);
}

/** Calls that change something, without events. */
function writesOf({ calls }: RunningOperator): readonly string[] {
  return calls.filter((call) => !/^(?:list|watch|get) | events$/.test(call));
}

it('leaves a stack to the installation that claimed it, and says so', async () => {
  const first = await start('a/operator');
  await admin.create(tradingStacks, sampleStack({ namespace, change: QUICK }));
  await untilRunning('a/operator');
  const second = await start('b/operator');
  const patch = { spec: { halt: true } };
  await admin.mergePatch(tradingStacks, { namespace, name: 'demo' }, patch, { fieldManager: 'kubectl' });
  const foreign = await until(async () => {
    const { items } = await admin.list(events, { namespace });
    return items.find(({ reason }) => reason === 'ClaimedByOther');
  });
  expect(foreign.note).toContain('a/operator manages this stack, so b/operator leaves it alone');
  await until(async () => (await statusOf()).halt?.active ?? false);
  await systemClock.sleep(EXPIRES_MS / 2);
  expect(writesOf(second)).toEqual([]);
  expect((await statusOf()).operator).toBe('a/operator');
  expect(writesOf(first)).not.toEqual([]);
  expect(processes.activations).toEqual([1]);
});

it('gives a new stack to one of two installations that see it at the same time', async () => {
  const both = [await start('a/operator'), await start('b/operator')];
  await admin.create(tradingStacks, sampleStack({ namespace, change: QUICK }));
  const holder = await until(async () => (await statusOf()).operator);
  await untilRunning(holder);
  const loser = both[holder === 'a/operator' ? 1 : 0];
  const lost = loser === undefined ? [] : writesOf(loser);
  // A compare-and-set, which the server refuses, if it was not late enough to see the claim.
  expect([[], ['patch tradingstacks']]).toContainEqual(lost);
  expect(processes.activations).toEqual([1]);
});

it('takes over from an installation that has stopped, after its claim has expired and not before', async () => {
  const first = await start('a/operator');
  await admin.create(tradingStacks, sampleStack({ namespace, change: QUICK }));
  await untilRunning('a/operator');
  await first.stop();
  const second = await start('b/operator');
  await systemClock.sleep(EXPIRES_MS - 1_500);
  expect(writesOf(second)).toEqual([]);
  await untilRunning('b/operator');
  const { items } = await admin.list(events, { namespace });
  expect(items.find(({ reason }) => reason === 'ClaimTakenOver')?.note).toContain('took over from a/operator');
  expect(processes.activations).toEqual([1]);
});

it('is one installation with another replica of the same one', async () => {
  const first = await start('a/operator');
  await admin.create(tradingStacks, sampleStack({ namespace, change: QUICK }));
  await untilRunning('a/operator');
  await first.stop();
  const replica = await start('a/operator');
  const patch = { spec: { tradingState: 'Reducing' } };
  await admin.mergePatch(tradingStacks, { namespace, name: 'demo' }, patch, { fieldManager: 'kubectl' });
  await until(async () => (await statusOf()).trading?.state === 'Reducing', EXPIRES_MS);
  expect(writesOf(replica)).not.toEqual([]);
});
