import { randomBytes } from 'node:crypto';
import { KubeConfig } from '@kubernetes/client-node';
import type { ServiceModules, ServicePlan } from '../services/shared/runtime/run-service.ts';
import { OPERATOR_NAME } from './api/v1alpha1/labels.ts';
import type { OperatorConfig } from './config.ts';
import { createReconciler } from './controllers/trading-stack/reconciler.ts';
import { createCaches } from './controllers/caches/stack-caches.ts';
import { checkAges } from './controllers/caches/cache-ages.ts';
import { createActivationMemory } from './pods/activation-log.ts';
import { createProcessReader } from './pods/read-statusz.ts';
import { createPostActivate } from './pods/post-activate.ts';
import { createKubeClient } from './kube/client/client.ts';
import { createController } from './kube/queue/controller.ts';
import { createEventRecorder } from './kube/events/events.ts';
import { createLastWritten } from './kube/cache/last-written.ts';
import { createLeaderElector } from './kube/leader/leader-election.ts';
import { createKubeMetrics } from './kube/metrics.ts';
import { cacheAgeMetrics, metricFactory, stackStatusMetrics } from './metrics.ts';

/** Builds clients and parts from the configuration; decides nothing. */
export function wireOperator(
  config: OperatorConfig,
  { log, clock, health, metrics: registry, incarnation }: ServiceModules,
): ServicePlan {
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromDefault();
  const metrics = createKubeMetrics(metricFactory(registry));
  const common = { kubeConfig, clock, log, metrics: metrics.client, userAgent: OPERATOR_NAME };
  const identity = `${config.podName}_${incarnation}`;
  const lease = { namespace: config.namespace, name: OPERATOR_NAME, identity, clock, log, metrics: metrics.leader };
  const leaseClient = createKubeClient({ ...common, maxConnections: 1 });
  const elector = createLeaderElector({ ...lease, client: leaseClient });
  const client = createKubeClient({ ...common, mayWrite: () => elector.mayWrite() });
  const { watchNamespaces: namespaces, venueSecretNames, surroundings } = config;
  const caches = createCaches({ client, clock, log, namespaces, venueSecretNames, metrics: metrics.reflector });
  const events = createEventRecorder({ client, clock, log, controller: OPERATOR_NAME, instance: config.podName });
  const lastWritten = createLastWritten({ clock });
  const asked = { processes: createProcessReader({ clock }), activations: createActivationMemory({ clock }) };
  const postActivate = createPostActivate(() => elector.mayWrite());
  const newToken = (): string => randomBytes(32).toString('hex');
  const world = { client, caches, ...asked, clock, newToken, events, lastWritten, postActivate, log };
  const reconcile = createReconciler({ ...world, surroundings, metrics: stackStatusMetrics(registry) });
  const named = { name: 'trading-stack', reconcile, clock, log, lastWritten };
  const controller = createController({ ...named, metrics: metrics.controller, queue: { metrics: metrics.queue } });
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
