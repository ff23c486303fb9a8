import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { sampleStack } from '../../../test/fixtures/sample-stack.ts';
import { controllersByHand, type ControllersByHand } from '../../../test/harness/kube/controllers-by-hand.ts';
import { newNamespace, testKubeClient } from '../../../test/harness/kube/kube-client.ts';
import { processesByHand, type ProcessesByHand } from '../../../test/harness/kube/processes-by-hand.ts';
import { startOperator, type RunningOperator } from '../../../test/harness/kube/running-operator.ts';
import { severableServer, type SeverableServer } from '../../../test/harness/kube/severable-server.ts';
import { installTradingStackCrd } from '../../../test/harness/kube/trading-stack-crd.ts';
import { until } from '../../../test/harness/until.ts';
import { readStatus } from '../../api/v1alpha1/trading-stack/read-status.ts';
import type { TradingStackStatus } from '../../api/v1alpha1/trading-stack/status.ts';
import { events } from '../../kube/client/builtin-resources.ts';
import type { KubeClient } from '../../kube/client/client.ts';
import { tradingStacks } from '../caches/stack-caches.ts';

let admin: KubeClient;
let server: SeverableServer;
let namespace: string;
let hand: ControllersByHand;
let processes: ProcessesByHand;
let operator: RunningOperator;
beforeAll(async () => {
  admin = testKubeClient();
  server = await severableServer();
  await installTradingStackCrd(admin);
});
afterAll(async () => {
  await server.close();
  await admin.close();
});
beforeEach(async () => {
  namespace = await newNamespace(admin, 'status-age');
  processes = processesByHand();
  hand = controllersByHand(admin, namespace, processes);
  operator = await startOperator(namespace, processes, { kubeConfig: server.kubeConfig });
  await hand.makePlatformSecrets();
  await admin.create(tradingStacks, sampleStack({ namespace, change: { rollout: { soakSeconds: 0 } } }));
  await untilStatus(({ phase }) => phase === 'Running');
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
  }, 45_000);
}

const warnings = async (): Promise<readonly string[]> => {
  const { items } = await admin.list(events, { namespace });
  // The API server warns of its own, such as of a Service that was made while it looked through all of them.
  const own = items.filter(({ regarding }) => regarding?.kind === 'TradingStack');
  return own.filter(({ type }) => type === 'Warning').map(({ reason }) => reason ?? '');
};

it('keeps the last status, with its age, until an operator that starts has asked every process', async () => {
  await operator.stop();
  const before = await statusNow();
  const answered = Promise.withResolvers<void>();
  const asked: string[] = [];
  operator = await startOperator(namespace, {
    ...processes,
    getStatusz: async (url, signal) => {
      asked.push(url);
      await answered.promise;
      return await processes.getStatusz(url, signal);
    },
  });
  await until(() => asked.length >= 6);
  expect(await statusNow()).toEqual(before);
  answered.resolve();
  const change = { spec: { rollout: { tierDeadlineSeconds: 601 } } };
  const { metadata } = await admin.mergePatch(tradingStacks, { namespace, name: 'demo' }, change);
  const after = await untilStatus((status) => status.observedGeneration === metadata.generation);
  expect(after).toMatchObject({ phase: 'Running', execution: before.execution });
  expect(await warnings()).toEqual([]);
});

it('shows Unknown when an operator that starts gets no answer', async () => {
  await operator.stop();
  operator = await startOperator(namespace, {
    ...processes,
    getStatusz: async () => await Promise.reject(new Error('connection refused')),
  });
  const status = await untilStatus(({ phase }) => phase === 'Degraded');
  expect(status).toMatchObject({ execution: { active: 'Unknown' }, trading: { state: 'Unknown' } });
});

it('keeps the last status, with its age, while the API server is unavailable, and is right again after it', async () => {
  const refusedCall = async (): Promise<void> => {
    const made = operator.calls.length;
    await until(() => operator.calls.length > made, 20_000);
  };
  server.sever();
  await processes.stop('execution-blue');
  // A write that was under way may still have arrived.
  await refusedCall();
  const before = await statusNow();
  processes.start({ name: 'execution-blue', service: 'execution' }, 'restarted');
  await refusedCall();
  expect(await statusNow(), 'nobody writes it').toEqual(before);
  server.restore();
  const after = await untilStatus(({ observedAt }) => observedAt !== before.observedAt);
  expect(Date.parse(after.observedAt ?? '')).toBeGreaterThan(Date.parse(before.observedAt ?? ''));
  await untilStatus(({ execution }) => execution?.active !== 'blue' || execution.epoch === 2);
});
