import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { TradingStackStatus } from './api/v1alpha1/trading-stack/status.ts';

interface Definition {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
}
type Labels = Readonly<Record<string, string>>;

/** The registry in the shape in which the controller layer asks for metrics. */
export function metricFactory(registry: Registry) {
  const options = ({ name, help, labels }: Definition) => ({
    name,
    help,
    labelNames: [...labels],
    registers: [registry],
  });
  return {
    counter: (definition: Definition) => {
      const counter = new Counter(options(definition));
      return { inc: (labels: Labels, value = 1): void => counter.inc({ ...labels }, value) };
    },
    gauge: (definition: Definition) => {
      const gauge = new Gauge(options(definition));
      return { set: (labels: Labels, value: number): void => gauge.set({ ...labels }, value) };
    },
    histogram: (definition: Definition & { readonly buckets: readonly number[] }) => {
      const histogram = new Histogram({ ...options(definition), buckets: [...definition.buckets] });
      return { observe: (labels: Labels, value: number): void => histogram.observe({ ...labels }, value) };
    },
  };
}

/** How old each cache is when it is asked for: a cache that stands still could not write that down itself. */
export function cacheAgeMetrics(registry: Registry, agesMs: () => ReadonlyMap<string, number>): void {
  const gauge = new Gauge({
    name: 'reflector_age_seconds',
    help: 'Time since the API server last proved the oldest cache of the resource current; +Inf before its first list.',
    labelNames: ['resource'],
    registers: [registry],
    collect: () => {
      for (const [resource, ageMs] of agesMs()) gauge.set({ resource }, ageMs / 1_000);
    },
  });
}

/** Stacks as figures. One series a stack and metric, gone with the stack. */
export function stackStatusMetrics(registry: Registry) {
  const gauge = (name: string, help: string): Gauge<'stack'> =>
    new Gauge({ name: `tradingstack_${name}`, help, labelNames: ['stack'], registers: [registry] });
  const gauges = {
    ready: gauge('ready', '1 while all tiers of the wanted release hold their gates.'),
    stalled: gauge('stalled', '1 while the stack needs somebody to do something.'),
    halted: gauge('halted', '1 while no new orders are sent because the spec says so.'),
    suspended: gauge('suspended', '1 while the operator changes nothing.'),
    sending: gauge('sender_active', '1 while a process may send orders.'),
    epoch: gauge('fence_epoch', 'Highest epoch of the fence that was asked for or seen.'),
  };
  return {
    record: (key: string, status: TradingStackStatus): void => {
      const labels = { stack: key };
      gauges.ready.set(labels, holds(status, 'Ready'));
      gauges.stalled.set(labels, holds(status, 'Stalled'));
      gauges.halted.set(labels, holds(status, 'Halted'));
      gauges.suspended.set(labels, holds(status, 'Suspended'));
      gauges.sending.set(labels, status.execution?.active === 'blue' ? 1 : 0);
      gauges.epoch.set(labels, status.execution?.epoch ?? 0);
    },
    forget: (key: string): void => {
      for (const each of Object.values(gauges)) each.remove({ stack: key });
    },
  };
}

function holds({ conditions }: TradingStackStatus, type: string): 0 | 1 {
  return conditions?.some((condition) => condition.type === type && condition.status === 'True') === true ? 1 : 0;
}
