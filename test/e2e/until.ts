import { until as untilSeen } from '../harness/until.ts';

/**
 * `until` with time limits for a cluster. A probe that throws is retried, because the tests break things on purpose.
 */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined>,
  { withinMs = 120_000, everyMs = 500 }: { withinMs?: number; everyMs?: number } = {},
): Promise<T> {
  return untilSeen<T>(probe, { what, withinMs, everyMs, toleratesErrors: true });
}
