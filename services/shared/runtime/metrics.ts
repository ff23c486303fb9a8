import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';

/** A registry with the process's default metrics and `tradingstack_build_info`; every series carries the service's name. */
export function createMetrics(service: string, release: string): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: 'tradingstack_build_info',
    help: '1, with the release hash that this process runs.',
    labelNames: ['release'],
    registers: [registry],
  }).set({ release }, 1);
  return registry;
}

/** Keeps the number of series bounded: the first `limit` distinct values pass, every later one becomes `other`. */
export function boundedLabel(limit: number): (value: string) => string {
  const known = new Set<string>();
  return (value) => {
    if (known.has(value)) return value;
    if (known.size >= limit) return 'other';
    known.add(value);
    return value;
  };
}
