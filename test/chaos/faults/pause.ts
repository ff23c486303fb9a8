import { systemClock, type Clock } from '../../../services/shared/runtime/clock.ts';

/** Waits so many seconds, or until it is stopped. */
export async function pause(seconds: number, stop: AbortSignal, clock: Clock = systemClock): Promise<void> {
  try {
    await clock.sleep(seconds * 1_000, stop);
  } catch (error) {
    if (!stop.aborted) throw error;
  }
}
