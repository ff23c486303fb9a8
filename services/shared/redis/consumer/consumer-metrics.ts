import { Counter, Gauge, type Registry } from 'prom-client';

export interface ConsumerMetrics {
  readonly entries: Counter<'stream' | 'outcome'>;
  readonly pending: Gauge<'stream'>;
  readonly lag: Gauge<'stream'>;
  readonly oldestAge: Gauge<'stream'>;
}

const made = new WeakMap<Registry, ConsumerMetrics>();

/** The metrics of every consumer of the process: streams are few and named by settings, so they are labels. */
export function consumerMetrics(registry: Registry): ConsumerMetrics {
  const present = made.get(registry);
  if (present !== undefined) return present;
  const registers = [registry];
  const metrics: ConsumerMetrics = {
    entries: new Counter({
      name: 'tradingstack_stream_entries_total',
      help: 'Entries by what became of them: ack, retry, dead, malformed, lost (trimmed while pending).',
      labelNames: ['stream', 'outcome'],
      registers,
    }),
    pending: new Gauge({
      name: 'tradingstack_stream_pending_entries',
      help: 'Entries handed out to the group and not acknowledged.',
      labelNames: ['stream'],
      registers,
    }),
    lag: new Gauge({
      name: 'tradingstack_stream_lag_entries',
      help: 'Entries not handed out to the group yet. Blind to trimming.',
      labelNames: ['stream'],
      registers,
    }),
    oldestAge: new Gauge({
      name: 'tradingstack_stream_oldest_age_seconds',
      help: 'Age of the oldest entry that is not done.',
      labelNames: ['stream'],
      registers,
    }),
  };
  made.set(registry, metrics);
  return metrics;
}
