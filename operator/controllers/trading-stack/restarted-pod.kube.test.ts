import { afterAll, beforeAll, expect, it } from 'vitest';
import { sampleStack } from '../../../test/fixtures/sample-stack.ts';
import { controllersByHand, type ControllersByHand } from '../../../test/harness/kube/controllers-by-hand.ts';
import { newNamespace, testKubeClient } from '../../../test/harness/kube/kube-client.ts';
import { processesByHand } from '../../../test/harness/kube/processes-by-hand.ts';
import { startOperator, type RunningOperator } from '../../../test/harness/kube/running-operator.ts';
import { installTradingStackCrd } from '../../../test/harness/kube/trading-stack-crd.ts';
import { until } from '../../../test/harness/until.ts';
import { SERVICE_LABEL } from '../../api/v1alpha1/labels.ts';
import { readStatus } from '../../api/v1alpha1/trading-stack/read-status.ts';
import type { Phase, TradingStackStatus } from '../../api/v1alpha1/trading-stack/status.ts';
import { pods } from '../../kube/client/builtin-resources.ts';
import type { KubeClient } from '../../kube/client/client.ts';
import { tradingStacks } from '../caches/stack-caches.ts';

let admin: KubeClient;
let namespace: string;
let hand: ControllersByHand;
let operator: RunningOperator;

beforeAll(async () => {
  admin = testKubeClient();
  await installTradingStackCrd(admin);
  namespace = await newNamespace(admin, 'restarted-pod');
  const processes = processesByHand();
  hand = controllersByHand(admin, namespace, processes);
  operator = await startOperator(namespace, processes);
  await hand.makePlatformSecrets();
  await admin.create(tradingStacks, sampleStack({ namespace, change: { rollout: { soakSeconds: 0 } } }));
  await untilPhase('Running');
});

afterAll(async () => {
  await operator.stop();
  await admin.close();
});

async function untilPhase(wanted: Phase): Promise<TradingStackStatus> {
  return await until(async () => {
    await hand.play();
    const status = readStatus((await admin.get(tradingStacks, { namespace, name: 'demo' })).status);
    return status.phase === wanted ? status : undefined;
  }, 45_000);
}

/** The kubelet restarts the process of ws, which is ready. */
async function restart(): Promise<void> {
  const { items } = await admin.list(pods, { namespace });
  const ws = items.find(({ metadata }) => metadata.labels?.[SERVICE_LABEL] === 'ws');
  const container = {
    name: 'ws',
    image: 'x',
    imageID: '',
    ready: true,
    restartCount: 3,
    state: { running: { startedAt: new Date().toISOString() } },
    lastState: { terminated: { exitCode: 1, reason: 'Error' } },
  };
  const status = { containerStatuses: [container] };
  await admin.mergePatch(pods, { namespace, name: ws?.metadata.name ?? '' }, { status }, { status: true });
}

it('shows how the process of a ready pod ended, until it has run for long enough since', async () => {
  await restart();
  expect(await untilPhase('Degraded')).toMatchObject({
    blockedBy: 'data/DeploymentAvailable ws: Error - exit code 1, restarts: 3',
  });
  expect(await untilPhase('Running')).not.toHaveProperty('blockedBy');
});
