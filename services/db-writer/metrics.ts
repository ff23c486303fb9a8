import { Counter, type Registry } from 'prom-client';

export type DbWriterMetrics = ReturnType<typeof createDbWriterMetrics>;

export function createDbWriterMetrics(registry: Registry) {
  return {
    rows: new Counter({
      name: 'tradingstack_db_writer_rows_total',
      help: 'Rows sent to Postgres by outcome: written, or already present.',
      labelNames: ['table', 'outcome'],
      registers: [registry],
    }),
    lost: new Counter({
      name: 'tradingstack_db_writer_lost_messages_total',
      help: 'Messages missing from the sequence of their producer: trimmed before they were read, or never written.',
      labelNames: ['stream'],
      registers: [registry],
    }),
  };
}
