import { setTimeout as delay } from 'node:timers/promises';

/** Resolves with the first value of `probe` that is neither false nor undefined; throws after `deadlineMs`. Errors of the probe pass through. */
export async function until<T>(
  probe: () => T | false | undefined | Promise<T | false | undefined>,
  deadlineMs = 10_000,
): Promise<T> {
  const end = performance.now() + deadlineMs;
  let value = await probe();
  while (value === false || value === undefined) {
    if (performance.now() > end) throw new Error(`still waiting after ${deadlineMs} ms: ${probe.toString()}`);
    await delay(10);
    value = await probe();
  }
  return value;
}
