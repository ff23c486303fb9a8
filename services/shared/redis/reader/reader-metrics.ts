import { Counter, type Registry } from 'prom-client';

export interface ReaderMetrics {
  readonly entries: Counter<'stream' | 'outcome'>;
  readonly gaps: Counter<'stream'>;
}

const made = new WeakMap<Registry, ReaderMetrics>();

/** The metrics of every fan-out reader of the process. */
export function readerMetrics(registry: Registry): ReaderMetrics {
  const present = made.get(registry);
  if (present !== undefined) return present;
  const registers = [registry];
  const metrics: ReaderMetrics = {
    entries: new Counter({
      name: 'tradingstack_reader_entries_total',
      help: 'Entries of fan-out streams by what became of them: read, malformed.',
      labelNames: ['stream', 'outcome'],
      registers,
    }),
    gaps: new Counter({
      name: 'tradingstack_reader_missing_entries_total',
      help: 'Entries that the producer numbered and the reader never saw.',
      labelNames: ['stream'],
      registers,
    }),
  };
  made.set(registry, metrics);
  return metrics;
}
