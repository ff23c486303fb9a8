import { Counter, type Registry } from 'prom-client';

export interface ReaderMetrics {
  readonly entries: Counter<'stream' | 'outcome'>;
  readonly gaps: Counter<'stream'>;
}

const metricsByRegistry = new WeakMap<Registry, ReaderMetrics>();

/** Returns the metrics of all fan-out readers of the process. */
export function readerMetrics(registry: Registry): ReaderMetrics {
  const existing = metricsByRegistry.get(registry);
  if (existing !== undefined) return existing;
  const registers = [registry];
  const metrics: ReaderMetrics = {
    entries: new Counter({
      name: 'tradingstack_reader_entries_total',
      help: 'Entries of fan-out streams by outcome: read, malformed.',
      labelNames: ['stream', 'outcome'],
      registers,
    }),
    gaps: new Counter({
      name: 'tradingstack_reader_missing_entries_total',
      help: 'Entries that the producer published and the reader never received, from gaps in sequence numbers.',
      labelNames: ['stream'],
      registers,
    }),
  };
  metricsByRegistry.set(registry, metrics);
  return metrics;
}
