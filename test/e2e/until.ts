import { systemClock } from '../../services/shared/runtime/clock.ts';

/**
 * Asks again and again until `probe` returns something other than undefined; throws with the last thing seen when `withinMs` is over.
 * A probe that throws has seen nothing yet: the cluster is being broken on purpose.
 */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined>,
  { withinMs = 120_000, everyMs = 500 }: { withinMs?: number; everyMs?: number } = {},
): Promise<T> {
  const deadline = systemClock.monotonicMs() + withinMs;
  let last = 'nothing seen';
  for (;;) {
    try {
      const seen = await probe();
      if (seen !== undefined) return seen;
      last = 'not yet';
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
    }
    if (systemClock.monotonicMs() > deadline)
      throw new Error(`gave up after ${withinMs} ms waiting for ${what}: ${last}`);
    await systemClock.sleep(everyMs);
  }
}
