import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';

/**
 * Creates a registry with the default process metrics and `tradingstack_build_info`. Every series carries the name of
 * the service.
 */
export function createMetrics(service: string, release: string): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: 'tradingstack_build_info',
    help: 'Always 1, labelled with the release hash that this process runs.',
    labelNames: ['release'],
    registers: [registry],
  }).set({ release }, 1);
  return registry;
}

/**
 * Returns a function that bounds the number of label values: the first `limit` distinct values pass, later ones become
 * `other`.
 */
export function boundedLabel(limit: number): (value: string) => string {
  const known = new Set<string>();
  return (value) => {
    if (known.has(value)) return value;
    if (known.size >= limit) return 'other';
    known.add(value);
    return value;
  };
}
