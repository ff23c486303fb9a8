import { randomBytes } from 'node:crypto';
import { KubeConfig } from '@kubernetes/client-node';
import type { ServiceModules, ServicePlan } from '../services/shared/runtime/run-service.ts';
import { OPERATOR_NAME } from './api/v1alpha1/labels.ts';
import type { OperatorConfig } from './config.ts';
import { createReconciler } from './controllers/trading-stack/reconciler.ts';
import { createCaches } from './controllers/caches/stack-caches.ts';
import { checkAges } from './controllers/caches/cache-ages.ts';
import { createActivationMemory } from './pods/activation-memory.ts';
import { createProcessReader } from './pods/read-statusz.ts';
import { createPostActivate } from './pods/post-activate.ts';
import { createKubeClient } from './kube/client/client.ts';
import { createController } from './kube/queue/controller.ts';
import { createEventRecorder } from './kube/events/events.ts';
import { createLastWritten } from './kube/cache/last-written.ts';
import { createLeaderElector } from './kube/leader/leader-election.ts';
import { createKubeMetrics } from './kube/metrics.ts';
import { cacheAgeMetrics, metricFactory, stackStatusMetrics } from './metrics.ts';

/** Constructs the clients, the caches and the controller from the configuration. */
export function wireOperator(
  config: OperatorConfig,
  { log, clock, health, metrics: registry, incarnation }: ServiceModules,
): ServicePlan {
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromDefault();
  const metrics = createKubeMetrics(metricFactory(registry));
  const clientOptions = { kubeConfig, clock, log, metrics: metrics.client, userAgent: OPERATOR_NAME };
  const leaseClient = createKubeClient({ ...clientOptions, maxConnections: 1 });
  const elector = createLeaderElector({
    client: leaseClient,
    namespace: config.namespace,
    name: OPERATOR_NAME,
    identity: `${config.podName}_${incarnation}`,
    clock,
    log,
    metrics: metrics.leader,
  });
  const client = createKubeClient({ ...clientOptions, mayWrite: () => elector.mayWrite() });
  const caches = createCaches({
    client,
    clock,
    log,
    namespaces: config.watchNamespaces,
    venueSecretNames: config.venueSecretNames,
    metrics: metrics.reflector,
  });
  const events = createEventRecorder({ client, clock, log, controller: OPERATOR_NAME, instance: config.podName });
  const lastWritten = createLastWritten({ clock });
  const reconcile = createReconciler({
    client,
    caches,
    processes: createProcessReader({ clock }),
    activations: createActivationMemory({ clock }),
    postActivate: createPostActivate(() => elector.mayWrite()),
    events,
    lastWritten,
    clock,
    log,
    newToken: () => randomBytes(32).toString('hex'),
    surroundings: config.surroundings,
    metrics: stackStatusMetrics(registry),
  });
  const controller = createController({
    name: 'trading-stack',
    reconcile,
    lastWritten,
    clock,
    log,
    metrics: metrics.controller,
    queue: { metrics: metrics.queue },
  });
  const lead = async (signal: AbortSignal): Promise<void> => {
    await caches.renewed(signal);
    await controller.run(signal);
    await events.stop();
  };
  health.add('caches', () => checkAges(caches.agesMs()));
  cacheAgeMetrics(registry, () => caches.agesMs());
  caches.onChange((key, priority) => controller.enqueue(key, priority));
  caches.start();
  const close = async (): Promise<void> => {
    await caches.stop();
    await Promise.all([client.close(), leaseClient.close()]);
  };
  return { port: config.port, parts: [{ name: 'leader', run: (signal) => elector.run(lead, signal), stop: close }] };
}
