import type { KubeConfig } from '@kubernetes/client-node';
import { expect, it, onTestFinished } from 'vitest';
import { sampleStack } from '../test/fixtures/sample-stack.ts';
import { controllersByHand } from '../test/harness/kube/controllers-by-hand.ts';
import { startGuardedServer } from '../test/harness/kube/guarded-server.ts';
import { silentLog } from '../test/harness/kube/kube-client.ts';
import { OPERATOR_ACCOUNT, OPERATOR_NAMESPACE, renderOperatorChart } from '../test/harness/kube/operator-chart.ts';
import { processesByHand } from '../test/harness/kube/processes-by-hand.ts';
import { grantedRights, usedRights } from '../test/harness/kube/rights.ts';
import { startOperator, type RunningOperator } from '../test/harness/kube/running-operator.ts';
import { until } from '../test/harness/until.ts';
import { systemClock } from '../services/shared/runtime/clock.ts';
import { readStatus } from './api/v1alpha1/trading-stack/read-status.ts';
import { TRADING_STACK_API_VERSION } from './api/v1alpha1/trading-stack/trading-stack.ts';
import { createClients } from './clients.ts';
import { tradingStacks } from './controllers/caches/stack-caches.ts';
import { services } from './kube/client/builtin-resources.ts';

const NAMESPACE = 'trading';
const STACK = { namespace: NAMESPACE, name: 'demo' };

/**
 * The operator with the account, the role and the policies of the chart, on an API server that records its requests:
 * from its lease over a rollout, a drift and a change of release to the deletion of the stack. The admission plugin
 * would ask for a further right if a child blocked the deletion of its stack.
 */
it('uses every right of its roles, and needs no other', async () => {
  const server = await startGuardedServer({
    recorded: true,
    admissionPlugins: ['OwnerReferencesPermissionEnforcement'],
  });
  onTestFinished(async () => await server.stop());
  const { admin } = server;
  await lead(server.kubeConfigAs(OPERATOR_ACCOUNT));
  const processes = processesByHand();
  const hand = controllersByHand(admin, NAMESPACE, processes);
  await hand.makePlatformSecrets();
  const operator = await startOperator(NAMESPACE, processes, {
    kubeConfig: server.kubeConfigAs(OPERATOR_ACCOUNT),
    clusterWide: true,
  });
  await admin.create(
    tradingStacks,
    sampleStack({
      ...STACK,
      change: { rollout: { soakSeconds: 0 }, execution: { swap: { postSwitchSoakSeconds: 0 } } },
    }),
  );
  const running = async (release?: string): Promise<string> =>
    await until(async () => {
      await hand.play();
      const { phase, release: now } = readStatus((await admin.get(tradingStacks, STACK)).status);
      return phase === 'Running' && now?.current !== release ? now?.current : undefined;
    }, 45_000);
  const first = await running();
  await admin.delete(services, { namespace: NAMESPACE, name: 'demo-ws' });
  await until(async () => (await admin.find(services, { namespace: NAMESPACE, name: 'demo-ws' })) !== undefined);
  await admin.mergePatch(tradingStacks, STACK, {
    spec: { release: { image: 'registry.example.com/tradingstack:2.0.0' } },
  });
  await running(first);
  await recordTwice(operator);
  await admin.delete(tradingStacks, STACK);
  await until(async () => {
    await hand.stopPods();
    await hand.play();
    return (await admin.find(tradingStacks, STACK)) === undefined;
  }, 45_000);
  await operator.stop();
  const used = usedRights(await server.requestsOf(OPERATOR_ACCOUNT));
  const granted = grantedRights(await renderOperatorChart());
  expect(used).toEqual(granted);
});

/** Takes the lease, renews it once and releases it. */
async function lead(kubeConfig: KubeConfig): Promise<void> {
  const { elector, close } = createClients(
    {
      podName: 'operator-0',
      namespace: OPERATOR_NAMESPACE,
      controller: { workers: 1, timeoutMs: 60_000 },
      leaseSeconds: 15,
    },
    { kubeConfig, clock: systemClock, log: silentLog, identity: 'operator-0_a' },
  );
  await elector.run(async () => await systemClock.sleep(3_000), new AbortController().signal);
  await close();
}

/** The second write of an event adds to its count. */
async function recordTwice({ events }: RunningOperator): Promise<void> {
  const regarding = { apiVersion: TRADING_STACK_API_VERSION, kind: 'TradingStack', ...STACK, uid: 'u' };
  for (let count = 0; count < 2; count += 1) {
    events.record({ regarding, type: 'Warning', reason: 'ApplyRefused', action: 'Apply', note: 'a quota' });
    await events.flush();
  }
}
