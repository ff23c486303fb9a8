import type { KubeConfig } from '@kubernetes/client-node';
import type { Clock } from '../../services/shared/runtime/clock.ts';
import type { Logger } from '../../services/shared/runtime/logger.ts';
import { applyIfChanged } from './apply/apply.ts';
import { createContention } from './apply/contention.ts';
import { createCacheSet } from './cache/cache-set.ts';
import { createLastWritten } from './cache/last-written.ts';
import { configMaps, serviceAccounts } from './client/builtin-resources.ts';
import { createKubeClient, type KubeClient } from './client/client.ts';
import { keyOf, parseKey } from './client/resource.ts';
import { createLeaderElector } from './leader/leader-election.ts';
import { createController } from './queue/controller.ts';

const NAMES = { fieldManager: 'teams', hashAnnotation: 'teams.example.dev/applied' };
const LABEL = 'teams.example.dev/child';

interface Modules {
  readonly namespace: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Gives each ServiceAccount with the label `team` a ConfigMap of the same name, which names the team. */
function createTeams(client: KubeClient, { namespace, clock, log }: Modules) {
  const caches = createCacheSet({ client, clock, log, namespaces: [namespace] });
  const accounts = caches.follow(serviceAccounts, { labelSelector: 'team' });
  const children = caches.follow(
    { ...configMaps, keepsManagedFields: { except: NAMES.fieldManager } },
    { labelSelector: LABEL },
  );
  const lastWritten = createLastWritten({ clock });
  const memory = createContention({ clock });
  const reconcile = async (key: string, signal: AbortSignal) => {
    const { name } = parseKey(key);
    const account = accounts.get(namespace, name);
    if (account === undefined) return {};
    const owner = { apiVersion: 'v1', kind: 'ServiceAccount', name, uid: account.metadata.uid, controller: true };
    const metadata = { namespace, name, labels: { [LABEL]: '' }, ownerReferences: [owner] };
    const desired = { metadata, data: { team: account.metadata.labels?.['team'] ?? '' } };
    const observed = children.get(namespace, name);
    const request = { client, resource: configMaps, observed, desired, ...NAMES, contention: { memory, key }, signal };
    const { object } = await applyIfChanged(request);
    if (object !== observed) lastWritten.expectWritten(key, children.followerOf(namespace, name), object);
    return {};
  };
  const controller = createController({ name: 'teams', reconcile, clock, log, lastWritten });
  // Parent and child have the same name, and so the same key.
  caches.onChange(({ key }) => controller.enqueue(key));
  return { caches, accounts, controller };
}

/** Runs the controller while this process holds the lease, until `stop` fires. */
export async function runTeams(kubeConfig: KubeConfig, modules: Modules, stop: AbortSignal): Promise<void> {
  const common = { kubeConfig, clock: modules.clock, log: modules.log, userAgent: NAMES.fieldManager };
  const leaseClient = createKubeClient({ ...common, maxConnections: 1, lease: 'None' });
  const elector = createLeaderElector({
    ...modules,
    client: leaseClient,
    name: 'teams',
    identity: crypto.randomUUID(),
  });
  const client = createKubeClient({ ...common, lease: elector });
  const { caches, accounts, controller } = createTeams(client, modules);
  caches.start();
  const lead = async (signal: AbortSignal): Promise<void> => {
    await caches.relisted(signal, 60_000);
    for (const account of accounts.list()) controller.enqueue(keyOf(account));
    await controller.run(signal);
  };
  try {
    await elector.run(lead, stop);
  } finally {
    await caches.stop();
    await Promise.all([client.close(), leaseClient.close()]);
  }
}
