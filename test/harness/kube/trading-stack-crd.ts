import { customResourceDefinitions } from '../../../operator/kube/client/builtin-resources.ts';
import type { KubeClient } from '../../../operator/kube/client/client.ts';
import type { KubeObject } from '../../../operator/kube/client/resource.ts';
import { tradingStackCrd } from '../../../operator/api/crds/trading-stack-crd.ts';
import { until } from '../until.ts';

/** Applies the generated CRD and waits until it is established. Idempotent, so that every test file may call it. */
export async function installTradingStackCrd(client: KubeClient): Promise<void> {
  const crd = tradingStackCrd() as KubeObject;
  await client.apply(customResourceDefinitions, crd, { fieldManager: 'test' });
  await until(async () => {
    const { status } = await client.get(customResourceDefinitions, { name: 'tradingstacks.tradingstack.dev' });
    return status?.conditions?.some(({ type, status: is }) => type === 'Established' && is === 'True') ?? false;
  });
}
