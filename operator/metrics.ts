import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { TradingStackStatus } from './api/v1alpha1/trading-stack/status.ts';

interface Definition {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
}
type Labels = Readonly<Record<string, string>>;

/** Adapts a prom-client registry to the metric factory that the controller layer expects. */
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

/** Exports the age of each cache, computed at scrape time, because a stuck cache could not update it. */
export function cacheAgeMetrics(registry: Registry, agesMs: () => ReadonlyMap<string, number>): void {
  const gauge = new Gauge({
    name: 'reflector_age_seconds',
    help: 'Seconds since the oldest cache of the resource was last known to be current; +Inf before its first list.',
    labelNames: ['resource'],
    registers: [registry],
    collect: () => {
      for (const [resource, ageMs] of agesMs()) gauge.set({ resource }, ageMs / 1_000);
    },
  });
}

/** Exports the state of each stack: one series per stack and metric, removed with the stack. */
export function stackStatusMetrics(registry: Registry) {
  const gauge = (name: string, help: string): Gauge<'stack'> =>
    new Gauge({ name: `tradingstack_${name}`, help, labelNames: ['stack'], registers: [registry] });
  const gauges = {
    ready: gauge('ready', '1 while all tiers run the desired release and pass their gates.'),
    stalled: gauge('stalled', '1 while the rollout is blocked by an error or has missed its deadline.'),
    halted: gauge('halted', '1 while every process of risk and execution reports the trading state Halted.'),
    haltRequested: gauge('halt_requested', '1 while a source requests the trading state Halted.'),
    suspended: gauge('suspended', '1 while the operator changes no object because spec.suspend is true.'),
    sending: gauge('sender_active', '1 while an execution process is the sender, NaN while one does not answer.'),
    epoch: gauge('fence_epoch', 'Highest fence epoch that an execution process has reported.'),
    claimedByOther: gauge('claimed_by_other', '1 while another installation of the operator manages the stack.'),
  };
  return {
    record: (key: string, status: TradingStackStatus): void => {
      const labels = { stack: key };
      gauges.ready.set(labels, holds(status, 'Ready'));
      gauges.stalled.set(labels, holds(status, 'Stalled'));
      gauges.halted.set(labels, status.halt?.active === true ? 1 : 0);
      gauges.haltRequested.set(labels, status.trading?.requested === 'Halted' ? 1 : 0);
      gauges.suspended.set(labels, holds(status, 'Suspended'));
      gauges.sending.set(labels, sendingOf(status));
      gauges.epoch.set(labels, status.execution?.epoch ?? 0);
      gauges.claimedByOther.set(labels, 0);
    },
    claimedByOther: (key: string): void => gauges.claimedByOther.set({ stack: key }, 1),
    forget: (key: string): void => {
      for (const each of Object.values(gauges)) each.remove({ stack: key });
    },
  };
}

/** NaN stands for unknown, as in Prometheus: neither 0 nor 1 would be true. */
function sendingOf({ execution }: TradingStackStatus): number {
  if (execution === undefined || execution.active === 'Unknown') return Number.NaN;
  return execution.active === 'none' ? 0 : 1;
}

function holds({ conditions }: TradingStackStatus, type: string): 0 | 1 {
  return conditions?.some((condition) => condition.type === type && condition.status === 'True') === true ? 1 : 0;
}
