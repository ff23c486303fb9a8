import { randomUUID } from 'node:crypto';
import { KubeConfig } from '@kubernetes/client-node';
import { inject } from 'vitest';
import { namespaces } from '../../../operator/kube/client/builtin-resources.ts';
import { createKubeClient, type KubeClient, type KubeClientOptions } from '../../../operator/kube/client/client.ts';
import { systemClock } from '../../../services/shared/runtime/clock.ts';
import { createLogger } from '../../../services/shared/runtime/logger.ts';

export const silentLog = createLogger({ name: 'test', level: 'silent' });

/** Returns the administrator's kubeconfig for the API server of the test run. */
export function testKubeConfig(): KubeConfig {
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromString(inject('kubeconfig'));
  return kubeConfig;
}

/** Returns a kubeconfig whose user acts as another one. */
export function impersonating(kubeConfig: KubeConfig, impersonateUser: string): KubeConfig {
  const impersonated = new KubeConfig();
  impersonated.loadFromOptions({
    clusters: kubeConfig.getClusters(),
    contexts: kubeConfig.getContexts(),
    users: kubeConfig.getUsers().map((user) => ({ ...user, impersonateUser })),
    currentContext: kubeConfig.getCurrentContext(),
  });
  return impersonated;
}

/** Creates a client of the real API server. The test must close it. */
export function testKubeClient(options: Partial<KubeClientOptions> = {}): KubeClient {
  const defaults = { clock: systemClock, log: silentLog, userAgent: 'test', lease: 'None' } as const;
  return createKubeClient({ ...defaults, kubeConfig: testKubeConfig(), ...options });
}

/** Creates a namespace for a test file. Without a controller manager it remains until the API server stops. */
export async function newNamespace(client: KubeClient, prefix = 'test'): Promise<string> {
  const name = `${prefix}-${randomUUID().slice(0, 8)}`;
  await client.create(namespaces, { metadata: { name } });
  return name;
}
