import type { KubeConfig } from '@kubernetes/client-node';
import { OPERATOR_NAME } from './api/v1alpha1/labels.ts';
import type { OperatorConfig } from './config.ts';
import { createKubeClient, type KubeClient } from './kube/client/client.ts';
import { leaseTimes } from './kube/leader/lease-times.ts';
import { createLeaderElector, type LeaderElector } from './kube/leader/leader-election.ts';
import type { KubeMetrics } from './kube/metrics.ts';
import { URGENT_WORKERS } from './kube/queue/controller.ts';
import type { Clock } from '../services/shared/runtime/clock.ts';
import type { Logger } from '../services/shared/runtime/logger.ts';

export interface ClientModules {
  readonly kubeConfig: KubeConfig;
  readonly clock: Clock;
  readonly log: Logger;
  /** New at every process start. */
  readonly identity: string;
  readonly metrics?: Pick<KubeMetrics, 'client' | 'leader'>;
}

export interface Clients {
  /** Writes only while this process holds the lease. */
  readonly client: KubeClient;
  readonly elector: LeaderElector;
  readonly close: () => Promise<void>;
}

type ClientConfig = Pick<OperatorConfig, 'podName' | 'namespace' | 'controller' | 'leaseSeconds'>;

/** Creates the client of everything that the operator writes, and the elector, whose own client alone has no lease. */
export function createClients(
  { podName, namespace, controller, leaseSeconds }: ClientConfig,
  { kubeConfig, clock, log, identity, metrics }: ClientModules,
): Clients {
  const options = {
    kubeConfig,
    clock,
    log,
    userAgent: OPERATOR_NAME,
    ...(metrics === undefined ? {} : { metrics: metrics.client }),
  };
  const leaseClient = createKubeClient({ ...options, maxConnections: 1, lease: 'None' });
  const isPredecessor = (holder: string): boolean => holder.startsWith(`${podName}_`);
  const lease = {
    client: leaseClient,
    namespace,
    name: OPERATOR_NAME,
    identity,
    isPredecessor,
    ...leaseTimes(leaseSeconds),
  };
  const elector = createLeaderElector({
    ...lease,
    clock,
    log,
    ...(metrics === undefined ? {} : { metrics: metrics.leader }),
  });
  // One socket for each worker, whose writes follow one another, and one for the events.
  const maxConnections = controller.workers + URGENT_WORKERS + 1;
  const client = createKubeClient({ ...options, maxConnections, lease: elector });
  return {
    client,
    elector,
    close: async () => {
      await Promise.all([client.close(), leaseClient.close()]);
    },
  };
}
