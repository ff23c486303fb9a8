import { setTimeout as delay } from 'node:timers/promises';

/**
 * Where time comes from. Handed in everywhere, so that tests and the simulation run on virtual time.
 */
export interface Clock {
  /** UTC milliseconds since the epoch; may jump when the machine's clock is set. For stamps, never for ages. */
  nowMs(): number;
  /** Milliseconds from an arbitrary origin, never stepping back. For ages, permits and deadlines. */
  monotonicMs(): number;
  /** Resolves after `ms`; rejects with the signal's reason when it is aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: async (ms, signal) => {
    await delay(ms, undefined, signal === undefined ? {} : { signal });
  },
};
