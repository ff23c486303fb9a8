import { KubeConfig } from '@kubernetes/client-node';
import { tradingStackCrd } from '../../../operator/api/crds/trading-stack-crd.ts';
import { tradingStacks } from '../../../operator/controllers/caches/stack-caches.ts';
import { customResourceDefinitions, namespaces } from '../../../operator/kube/client/builtin-resources.ts';
import type { KubeClient } from '../../../operator/kube/client/client.ts';
import { until } from '../until.ts';
import { impersonating, testKubeClient } from './kube-client.ts';
import { applyChart } from './apply-chart.ts';
import { OPERATOR_ACCOUNT, OPERATOR_NAMESPACE, renderOperatorChart } from './operator-chart.ts';
import { startPrivateApiServer, type PrivateApiServer, type PrivateApiServerOptions } from './private-api-server.ts';

/** A real API server of its own, with the CRD, and the role and the policies of charts/operator for the whole of it. */
export interface GuardedServer extends Pick<PrivateApiServer, 'requestsOf' | 'stop'> {
  /** Client of a cluster administrator, to whom no role applies. */
  readonly admin: KubeClient;
  /** Client with the account of the operator. */
  readonly operator: KubeClient;
  /** Returns a kubeconfig of the user; of the administrator by default. */
  kubeConfigAs(user?: string): KubeConfig;
}

/** Starts the server, with namespaces `trading` and `elsewhere`. */
export async function startGuardedServer(options: PrivateApiServerOptions = {}): Promise<GuardedServer> {
  const server = await startPrivateApiServer(options);
  const kubeConfigAs = (user?: string): KubeConfig => kubeConfigOf(server.kubeconfig, user);
  const admin = testKubeClient({ kubeConfig: kubeConfigAs() });
  const operator = testKubeClient({ kubeConfig: kubeConfigAs(OPERATOR_ACCOUNT) });
  for (const name of ['trading', 'elsewhere', OPERATOR_NAMESPACE])
    await admin.create(namespaces, { metadata: { name } });
  await admin.apply(customResourceDefinitions, tradingStackCrd(), { fieldManager: 'test' });
  const groups = ['rbac.authorization.k8s.io', 'admissionregistration.k8s.io'];
  await until(async () => await admin.list(tradingStacks), { toleratesErrors: true });
  await applyChart(admin, await renderOperatorChart(), groups);
  const stop = async (): Promise<void> => {
    await Promise.all([operator.close(), admin.close()]);
    await server.stop();
  };
  return { requestsOf: async (user) => await server.requestsOf(user), admin, operator, kubeConfigAs, stop };
}

function kubeConfigOf(text: string, user: string | undefined): KubeConfig {
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromString(text);
  return user === undefined ? kubeConfig : impersonating(kubeConfig, user);
}
