import { randomBytes } from 'node:crypto';
import { KubeConfig } from '@kubernetes/client-node';
import type { Clock } from '../services/shared/runtime/clock.ts';
import type { Logger } from '../services/shared/runtime/logger.ts';
import type { ServiceModules, ServicePlan } from '../services/shared/runtime/run-service.ts';
import { OPERATOR_NAME } from './api/v1alpha1/labels.ts';
import type { OperatorConfig } from './config.ts';
import { createClaims } from './controllers/trading-stack/claim.ts';
import { createCommandSender } from './controllers/trading-stack/command.ts';
import { createStandbyHalts } from './controllers/trading-stack/standby-halts.ts';
import { createSeenRequests } from './controllers/trading-stack/observe/seen-requests.ts';
import { createReconciler } from './controllers/trading-stack/reconciler.ts';
import { createCaches, type Caches } from './controllers/caches/stack-caches.ts';
import { checkAges } from './controllers/caches/cache-ages.ts';
import { createActivationMemory } from './pods/activation-memory.ts';
import { createProber } from './pods/prober.ts';
import { createPostDrain } from './pods/post-drain.ts';
import { createPostActivate } from './pods/post-activate.ts';
import { createPostTradingState } from './pods/post-trading-state.ts';
import { createRequestSlots } from './pods/request-slots.ts';
import { createLead } from './lead.ts';
import { createClients } from './clients.ts';
import { createContention } from './kube/apply/contention.ts';
import { createController } from './kube/queue/controller.ts';
import { createEventRecorder } from './kube/events/events.ts';
import { createLastWritten } from './kube/cache/last-written.ts';
import type { LeaderElector } from './kube/leader/leader-election.ts';
import { createKubeMetrics } from './kube/metrics.ts';
import { cacheAgeMetrics, metricFactory, stackStatusMetrics } from './metrics.ts';

/** Commands in flight at most, each with a connection. A silent process holds one for a second. */
const COMMANDS_MAX = 512;

/** Constructs the clients, the caches and the controller from the configuration. */
export function wireOperator(
  config: OperatorConfig,
  { log, clock, health, metrics: registry, incarnation }: ServiceModules,
): ServicePlan {
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromDefault();
  const metrics = createKubeMetrics(metricFactory(registry));
  const identity = `${config.podName}_${incarnation}`;
  const { client, elector, ...clients } = createClients(config, { kubeConfig, clock, log, identity, metrics });
  const caches = createCaches({
    client,
    clock,
    log,
    namespaces: config.watchNamespaces,
    venueSecretNames: config.venueSecretNames,
    ...config.caches,
    metrics: metrics.reflector,
  });
  const events = createEventRecorder({ client, clock, log, controller: OPERATOR_NAME, instance: config.podName });
  const lastWritten = createLastWritten({ clock });
  const contention = createContention({ clock, metrics: metrics.apply });
  const { prober, standby, ...processes } = wireProcesses({
    caches,
    installation: `${config.namespace}/${OPERATOR_NAME}`,
    elector,
    clock,
    log,
    timeoutMs: config.podTimeoutMs,
    onChange: (key) => controller.enqueue(key),
  });
  const reconcile = createReconciler({
    ...processes,
    client,
    caches,
    processes: prober,
    events,
    lastWritten,
    contention,
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
    ...config.controller,
    queue: { ...config.queue, metrics: metrics.queue },
  });
  const lead = createLead({ caches, standby, controller, processes: [prober, processes.commands], events, clock });
  health.add('caches', () => checkAges(caches.agesMs()));
  cacheAgeMetrics(registry, () => caches.agesMs());
  caches.onChange((key, priority, preempts) => {
    controller.enqueue(key, priority, preempts);
    standby.changed(key);
  });
  caches.start();
  const close = async (): Promise<void> => {
    await caches.stop();
    await standby.stop();
    await clients.close();
  };
  return { port: config.port, parts: [{ name: 'leader', run: (signal) => elector.run(lead, signal), stop: close }] };
}

interface ProcessModules {
  readonly caches: Caches;
  readonly installation: string;
  readonly elector: LeaderElector;
  readonly clock: Clock;
  readonly log: Logger;
  readonly timeoutMs: number;
  /** Called when something new is known of a process of the stack. */
  readonly onChange: (key: string) => void;
}

/** Constructs what asks and commands the processes of the stacks. */
function wireProcesses({ caches, installation, elector, clock, log, timeoutMs, onChange }: ProcessModules) {
  const seen = createSeenRequests();
  const claims = createClaims({ installation, clock });
  return {
    seen,
    claims,
    activations: createActivationMemory({ clock }),
    postDrain: createPostDrain(elector),
    postActivate: createPostActivate(elector),
    prober: createProber({ clock, log, timeoutMs, onChange }),
    commands: createCommandSender({
      postTradingState: createPostTradingState({ lease: elector }),
      slots: createRequestSlots(COMMANDS_MAX),
      clock,
      log,
      onResult: onChange,
    }),
    standby: createStandbyHalts({
      caches,
      claims,
      seen,
      slots: createRequestSlots(COMMANDS_MAX),
      // A halt from another process is the one command that needs no lease.
      postTradingState: createPostTradingState({ lease: { mayWrite: () => true } }),
      clock,
      log: log.child({ standby: true }),
    }),
  };
}
