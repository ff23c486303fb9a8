import { until as untilSeen } from '../harness/until.ts';

/**
 * `until` with the patience that a cluster takes: a probe that throws has seen nothing yet, because things are broken
 * on purpose.
 */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined>,
  { withinMs = 120_000, everyMs = 500 }: { withinMs?: number; everyMs?: number } = {},
): Promise<T> {
  return untilSeen<T>(probe, { what, withinMs, everyMs, toleratesErrors: true });
}
