import { Counter, Gauge, type Registry } from 'prom-client';

export interface ConsumerMetrics {
  readonly entries: Counter<'stream' | 'outcome'>;
  readonly pending: Gauge<'stream'>;
  readonly lag: Gauge<'stream'>;
  readonly oldestAge: Gauge<'stream'>;
}

const metricsByRegistry = new WeakMap<Registry, ConsumerMetrics>();

/** Returns the metrics of all consumers of the process. Streams are few and come from settings, so they are labels. */
export function consumerMetrics(registry: Registry): ConsumerMetrics {
  const existing = metricsByRegistry.get(registry);
  if (existing !== undefined) return existing;
  const registers = [registry];
  const metrics: ConsumerMetrics = {
    entries: new Counter({
      name: 'tradingstack_stream_entries_total',
      help: 'Stream entries by outcome: ack, retry, dead, malformed, yield (left to another member), lost (trimmed while pending).',
      labelNames: ['stream', 'outcome'],
      registers,
    }),
    pending: new Gauge({
      name: 'tradingstack_stream_pending_entries',
      help: 'Entries delivered to the group and not acknowledged.',
      labelNames: ['stream'],
      registers,
    }),
    lag: new Gauge({
      name: 'tradingstack_stream_lag_entries',
      help: 'Entries not yet delivered to the group. Does not count trimmed entries.',
      labelNames: ['stream'],
      registers,
    }),
    oldestAge: new Gauge({
      name: 'tradingstack_stream_oldest_age_seconds',
      help: 'Age of the oldest unacknowledged entry.',
      labelNames: ['stream'],
      registers,
    }),
  };
  metricsByRegistry.set(registry, metrics);
  return metrics;
}
