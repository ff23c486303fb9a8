import { KubeConfig } from '@kubernetes/client-node';
import { expect, it, onTestFinished } from 'vitest';
import { sampleStack } from '../../../test/fixtures/sample-stack.ts';
import { controllersByHand } from '../../../test/harness/kube/controllers-by-hand.ts';
import { newNamespace, testKubeClient } from '../../../test/harness/kube/kube-client.ts';
import { startPrivateApiServer } from '../../../test/harness/kube/private-api-server.ts';
import { processesByHand } from '../../../test/harness/kube/processes-by-hand.ts';
import { startOperator } from '../../../test/harness/kube/running-operator.ts';
import { until } from '../../../test/harness/until.ts';
import { tradingStackCrd } from '../../api/crds/trading-stack-crd.ts';
import { readStatus } from '../../api/v1alpha1/trading-stack/read-status.ts';
import { customResourceDefinitions } from '../../kube/client/builtin-resources.ts';
import { tradingStacks } from '../caches/stack-caches.ts';

it('manages a stack although the CRD is older and has no field for the claim and the plan', async () => {
  const server = await startPrivateApiServer();
  onTestFinished(async () => await server.stop());
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromString(server.kubeconfig);
  const admin = testKubeClient({ kubeConfig });
  onTestFinished(async () => await admin.close());
  const older = JSON.parse(
    JSON.stringify(tradingStackCrd(), (key, value: unknown) =>
      ['operator', 'plan'].includes(key) ? undefined : value,
    ),
  ) as object;
  await admin.create(customResourceDefinitions, older);
  const namespace = await newNamespace(admin);
  const processes = processesByHand();
  const hand = controllersByHand(admin, namespace, processes);
  await hand.makePlatformSecrets();
  const change = { rollout: { soakSeconds: 0 } };
  await until(async () => await admin.create(tradingStacks, sampleStack({ namespace, change })), {
    toleratesErrors: true,
  });
  const operator = await startOperator(namespace, processes, { kubeConfig });
  onTestFinished(async () => await operator.stop());
  const status = await until(async () => {
    await hand.play();
    const now = readStatus((await admin.get(tradingStacks, { namespace, name: 'demo' })).status);
    return now.phase === 'Running' ? now : undefined;
  }, 45_000);
  expect(status).not.toHaveProperty('operator');
  expect(status).not.toHaveProperty('plan');
});
