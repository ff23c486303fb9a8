import { expect, it } from 'vitest';
import { createMetrics } from '../../../services/shared/runtime/metrics.ts';
import { metricValue } from './metric-value.ts';

const text = `# TYPE resident_bytes gauge
resident_bytes_max 9
resident_bytes{service="risk"} 195198976
start_seconds 1.79e9
broken Nope
`;

it('reads a metric with and without labels', () => {
  expect(metricValue(text, 'resident_bytes')).toBe(195_198_976);
  expect(metricValue(text, 'start_seconds')).toBe(1.79e9);
});

it.each(['resident', 'broken', 'absent'])('throws for %s, which has no value', (name) => {
  expect(() => metricValue(text, name)).toThrow(`no metric ${name}`);
});

it('finds in the metrics of a service what the memory of its process is read from', async () => {
  const metrics = await createMetrics('risk', 'r1').metrics();
  expect(metricValue(metrics, 'process_resident_memory_bytes')).toBeGreaterThan(1e6);
  expect(metricValue(metrics, 'process_start_time_seconds')).toBeGreaterThan(1.7e9);
});
