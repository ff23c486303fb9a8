import { expect, it, onTestFinished } from 'vitest';
import { sampleStack } from '../../../test/fixtures/sample-stack.ts';
import { newNamespace, testKubeClient } from '../../../test/harness/kube/kube-client.ts';
import { processesByHand } from '../../../test/harness/kube/processes-by-hand.ts';
import { startOperator } from '../../../test/harness/kube/running-operator.ts';
import { installTradingStackCrd } from '../../../test/harness/kube/trading-stack-crd.ts';
import { until } from '../../../test/harness/until.ts';
import { readStatus } from '../../api/v1alpha1/trading-stack/read-status.ts';
import { tradingStacks } from '../caches/stack-caches.ts';

it('replaces the status that the API server gives a new stack, and writes no more when nothing changes', async () => {
  const admin = testKubeClient();
  await installTradingStackCrd(admin);
  const namespace = await newNamespace(admin, 'first-status');
  const operator = await startOperator(namespace, processesByHand());
  onTestFinished(async () => {
    await operator.stop();
    await admin.close();
  });
  await admin.create(tradingStacks, sampleStack({ namespace, change: { suspend: true } }));
  await until(async () => {
    const { status } = await admin.get(tradingStacks, { namespace, name: 'demo' });
    const { observedAt, blockedBy } = readStatus(status);
    return observedAt !== undefined && blockedBy === undefined;
  });
  const writes = (): number => operator.calls.filter((call) => call === 'apply tradingstacks').length;
  const before = writes();
  for (let round = 0; round < 3; round += 1) {
    operator.controller.enqueue(`${namespace}/demo`);
    await until(() => operator.controller.idle());
  }
  expect(writes()).toBe(before);
});
