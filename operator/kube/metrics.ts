export interface Counter {
  inc(labels: Readonly<Record<string, string>>, value?: number): void;
}
export interface Gauge {
  set(labels: Readonly<Record<string, string>>, value: number): void;
}
export interface Histogram {
  observe(labels: Readonly<Record<string, string>>, value: number): void;
}

interface Definition {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
}

/** What this layer needs of a metrics library; the process adapts its own registry to it. */
export interface MetricFactory {
  counter(definition: Definition): Counter;
  gauge(definition: Definition): Gauge;
  histogram(definition: Definition & { readonly buckets: readonly number[] }): Histogram;
}

export type ClientMetrics = KubeMetrics['client'];
export type QueueMetrics = KubeMetrics['queue'];
export type ControllerMetrics = KubeMetrics['controller'];
export type ReflectorMetrics = KubeMetrics['reflector'];
export type LeaderMetrics = KubeMetrics['leader'];
export type KubeMetrics = ReturnType<typeof createKubeMetrics>;

/** controller-runtime's own bounds, so that its published dashboards fit. */
const RECONCILE_SECONDS = [0.005, 0.025, 0.1, 0.5, 1, 5, 15, 60];
const QUEUE_SECONDS = [0.001, 0.01, 0.1, 1, 10, 100];

/**
 * Every metric of the layer, under the names that client-go and controller-runtime publish, where they have one.
 * Labels are bounded: controller and queue names, verbs, plurals, status codes; never object names.
 */
export function createKubeMetrics(make: MetricFactory) {
  const queue = ['name', 'controller'];
  return {
    client: {
      requests: make.counter({
        name: 'rest_client_requests_total',
        help: 'Calls to the API server by verb, resource and outcome (HTTP status, or the code of a failure without one).',
        labels: ['verb', 'resource', 'code'],
      }),
      latency: make.histogram({
        name: 'rest_client_request_duration_seconds',
        help: 'Time to the complete answer; watches are not counted.',
        labels: ['verb', 'resource'],
        buckets: RECONCILE_SECONDS,
      }),
    },
    queue: {
      depth: make.gauge({ name: 'workqueue_depth', help: 'Keys that wait for a worker.', labels: queue }),
      adds: make.counter({ name: 'workqueue_adds_total', help: 'Keys taken into the queue.', labels: queue }),
      retries: make.counter({ name: 'workqueue_retries_total', help: 'Rate limited re-queues.', labels: queue }),
      waited: make.histogram({
        name: 'workqueue_queue_duration_seconds',
        help: 'Time a key waited for a worker.',
        labels: queue,
        buckets: QUEUE_SECONDS,
      }),
    },
    controller: controllerMetrics(make),
    reflector: reflectorMetrics(make),
    leader: {
      status: make.gauge({
        name: 'leader_election_master_status',
        help: '1 while this process holds the lease.',
        labels: ['name'],
      }),
      slowpath: make.counter({
        name: 'leader_election_slowpath_total',
        help: 'Renewals that failed and were tried again.',
        labels: ['name'],
      }),
    },
  };
}

function controllerMetrics(make: MetricFactory) {
  const labels = ['controller'];
  return {
    total: make.counter({
      name: 'controller_runtime_reconcile_total',
      help: 'Reconciles by result: success, requeue_after, requeue, error.',
      labels: ['controller', 'result'],
    }),
    errors: make.counter({ name: 'controller_runtime_reconcile_errors_total', help: 'Failed reconciles.', labels }),
    terminal: make.counter({
      name: 'controller_runtime_terminal_reconcile_errors_total',
      help: 'Reconciles that failed for good, until the object changes.',
      labels,
    }),
    seconds: make.histogram({
      name: 'controller_runtime_reconcile_time_seconds',
      help: 'Length of a reconcile.',
      labels,
      buckets: RECONCILE_SECONDS,
    }),
    active: make.gauge({ name: 'controller_runtime_active_workers', help: 'Workers in a reconcile.', labels }),
    workers: make.gauge({ name: 'controller_runtime_max_concurrent_reconciles', help: 'Workers.', labels }),
    held: make.counter({
      name: 'kube_own_write_waits_total',
      help: 'Reconciles put off because the cache had not yet seen an own write.',
      labels,
    }),
  };
}

function reflectorMetrics(make: MetricFactory) {
  const labels = ['resource'];
  return {
    lists: make.counter({ name: 'reflector_lists_total', help: 'Complete lists, first and repeated.', labels }),
    watches: make.counter({ name: 'reflector_watches_total', help: 'Watches opened.', labels }),
    failures: make.counter({
      name: 'reflector_failures_total',
      help: 'Failed lists and broken watches by code.',
      labels: ['resource', 'code'],
    }),
    missed: make.counter({
      name: 'reflector_missed_changes_total',
      help: 'Objects that an audit found different from the cache although the watch was past their version.',
      labels,
    }),
    objects: make.gauge({ name: 'reflector_objects', help: 'Objects in the cache.', labels }),
  };
}
