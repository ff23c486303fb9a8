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
  const ended = rolloutMetrics(registry);
  return {
    observe: (measurements: readonly Measured[]): void => {
      for (const each of measurements) ended.observe(each);
    },
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

/** What has ended, with the time that it took. */
type Measured =
  | { readonly kind: 'Rollout'; readonly outcome: string; readonly seconds: number }
  | { readonly kind: 'GateWait'; readonly gate: string; readonly seconds: number }
  | { readonly kind: 'Swap'; readonly gapSeconds: number; readonly overlapSeconds: number }
  | { readonly kind: 'Overlap'; readonly overlapSeconds: number };

const MINUTES = [1, 5, 15, 60, 120, 300, 600, 1_800, 3_600, 14_400];
const GAP_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Metrics of all stacks together. Label values are closed lists: outcomes, and names of gates. */
function rolloutMetrics(registry: Registry) {
  const histogram = <L extends string>(name: string, help: string, labelNames: L[], buckets: number[]): Histogram<L> =>
    new Histogram({ name: `tradingstack_${name}`, help, labelNames, buckets, registers: [registry] });
  const rollouts = histogram(
    'rollout_duration_seconds',
    'Seconds from the start of a rollout to its end, by outcome: promoted, rolled_back or superseded.',
    ['outcome'],
    MINUTES,
  );
  const gates = histogram(
    'gate_wait_seconds',
    'Seconds from the start of a tier to the last change of a gate before the tier passed, by gate.',
    ['gate'],
    MINUTES,
  );
  const gap = 'Seconds from the last order of the sender before a swap to the first order of the next.';
  const gaps = histogram('swap_gap_seconds', gap, [], GAP_SECONDS);
  const overlap = 'Seconds in which both senders of a swap sent orders: always 0, or the fence has failed.';
  const overlaps = histogram('swap_overlap_seconds', overlap, [], GAP_SECONDS);
  return {
    observe: (measured: Measured): void => {
      switch (measured.kind) {
        case 'Rollout':
          return rollouts.observe({ outcome: measured.outcome }, measured.seconds);
        case 'GateWait':
          return gates.observe({ gate: measured.gate }, measured.seconds);
        case 'Overlap':
          return overlaps.observe(measured.overlapSeconds);
        default:
          gaps.observe(measured.gapSeconds);
          return overlaps.observe(measured.overlapSeconds);
      }
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
