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

/** The part of a metrics library that this layer uses. The process adapts its registry to it. */
export interface MetricFactory {
  counter(definition: Definition): Counter;
  gauge(definition: Definition): Gauge;
  histogram(definition: Definition & { readonly buckets: readonly number[] }): Histogram;
}

export type ClientMetrics = KubeMetrics['client'];
export type QueueMetrics = KubeMetrics['queue'];
export type ControllerMetrics = KubeMetrics['controller'];
export type ApplyMetrics = KubeMetrics['apply'];
export type ReflectorMetrics = KubeMetrics['reflector'];
export type LeaderMetrics = KubeMetrics['leader'];
export type KubeMetrics = ReturnType<typeof createKubeMetrics>;

/** Some of the buckets of controller-runtime, so that its published dashboards work. */
const RECONCILE_SECONDS = [0.005, 0.025, 0.1, 0.5, 1, 5, 15, 60];
const QUEUE_SECONDS = [0.001, 0.01, 0.1, 1, 10, 100];

/**
 * Creates all metrics of this layer, under the names used by client-go and controller-runtime where they have one.
 * Labels are bounded: controller and queue names, verbs, plurals and status codes, but never object names.
 */
export function createKubeMetrics(make: MetricFactory) {
  const queue = ['name', 'controller'];
  return {
    client: {
      requests: make.counter({
        name: 'rest_client_requests_total',
        help: 'Requests to the API server by verb, resource and code (HTTP status, or error code without a response).',
        labels: ['verb', 'resource', 'code'],
      }),
      latency: make.histogram({
        name: 'rest_client_request_duration_seconds',
        help: 'Time until the complete response of a request. Watches are excluded.',
        labels: ['verb', 'resource'],
        buckets: RECONCILE_SECONDS,
      }),
    },
    queue: {
      depth: make.gauge({ name: 'workqueue_depth', help: 'Keys waiting for a worker.', labels: queue }),
      adds: make.counter({ name: 'workqueue_adds_total', help: 'Keys added to the queue.', labels: queue }),
      retries: make.counter({ name: 'workqueue_retries_total', help: 'Rate-limited requeues.', labels: queue }),
      waited: make.histogram({
        name: 'workqueue_queue_duration_seconds',
        help: 'Time that a key waited for a worker.',
        labels: queue,
        buckets: QUEUE_SECONDS,
      }),
    },
    controller: controllerMetrics(make),
    reflector: reflectorMetrics(make),
    apply: applyMetrics(make),
    leader: {
      status: make.gauge({
        name: 'leader_election_master_status',
        help: '1 while this process holds the lease, otherwise 0.',
        labels: ['name'],
      }),
      slowpath: make.counter({
        name: 'leader_election_slowpath_total',
        help: 'Lease renewals that failed.',
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
      help: 'Reconciles by result: success, requeue_after, requeue, preempted, error.',
      labels: ['controller', 'result'],
    }),
    errors: make.counter({ name: 'controller_runtime_reconcile_errors_total', help: 'Failed reconciles.', labels }),
    terminal: make.counter({
      name: 'controller_runtime_terminal_reconcile_errors_total',
      help: 'Reconciles that failed permanently and wait for the object to change.',
      labels,
    }),
    seconds: make.histogram({
      name: 'controller_runtime_reconcile_time_seconds',
      help: 'Duration of a reconcile.',
      labels,
      buckets: RECONCILE_SECONDS,
    }),
    active: make.gauge({
      name: 'controller_runtime_active_workers',
      help: 'Workers that are running a reconcile.',
      labels,
    }),
    workers: make.gauge({ name: 'controller_runtime_max_concurrent_reconciles', help: 'Number of workers.', labels }),
    held: make.counter({
      name: 'kube_own_write_waits_total',
      help: 'Reconciles postponed because the cache did not show the last write yet.',
      labels,
    }),
  };
}

function applyMetrics(make: MetricFactory) {
  const labels = ['kind'];
  return {
    repairs: make.counter({
      name: 'kube_drift_repairs_total',
      help: 'Repairs of objects that another writer had changed.',
      labels,
    }),
    contested: make.counter({
      name: 'kube_contested_objects_total',
      help: 'Objects that another writer changed three times within a minute, so that repairs of them wait.',
      labels,
    }),
  };
}

function reflectorMetrics(make: MetricFactory) {
  const labels = ['resource'];
  return {
    lists: make.counter({ name: 'reflector_lists_total', help: 'Completed lists, initial and repeated.', labels }),
    watches: make.counter({ name: 'reflector_watches_total', help: 'Watches opened.', labels }),
    failures: make.counter({
      name: 'reflector_failures_total',
      help: 'Failed lists and watches by code.',
      labels: ['resource', 'code'],
    }),
    missed: make.counter({
      name: 'reflector_missed_changes_total',
      help: 'Changes that an audit found in a list and that the watch did not deliver within 5 s of it.',
      labels,
    }),
    objects: make.gauge({ name: 'reflector_objects', help: 'Objects in all caches of the resource.', labels }),
  };
}
