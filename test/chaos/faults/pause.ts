import { setTimeout as delay } from 'node:timers/promises';

/** Waits so many seconds, or until it is stopped. */
export async function pause(seconds: number, stop: AbortSignal): Promise<void> {
  try {
    await delay(seconds * 1_000, undefined, { signal: stop });
  } catch (error) {
    if (!stop.aborted) throw error;
  }
}
