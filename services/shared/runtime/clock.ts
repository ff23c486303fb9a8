import { setTimeout as delay } from 'node:timers/promises';

/** Source of time. It is passed in everywhere, so that tests and the simulation run on virtual time. */
export interface Clock {
  /** UTC milliseconds since the epoch. May jump when the system clock is set. For timestamps, never for ages. */
  nowMs(): number;
  /** Milliseconds from an arbitrary origin, never decreasing. For ages, permits and deadlines. */
  monotonicMs(): number;
  /** Resolves after `ms`, which may be Infinity. Rejects with the reason of the signal if it is aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Jitter of the waits between attempts, from 0 to 1. Default: Math.random. The simulation draws it from its seed. */
  readonly random?: () => number;
}

/** The longest wait of a timer of Node.js, 24.8 days. Instead of a longer one, setTimeout waits for 1 ms. */
const TIMER_MAX_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: async (ms, signal) => {
    const options = signal === undefined ? {} : { signal };
    let leftMs = ms;
    for (; leftMs > TIMER_MAX_MS; leftMs -= TIMER_MAX_MS) await delay(TIMER_MAX_MS, undefined, options);
    await delay(leftMs, undefined, options);
  },
};

/** Ends the wait for an answer. One for all: each error collects its stack. */
const ANSWERED = new Error('answered');

/** Returns the answer, or undefined after `ms` without one. Rejects as `answer` does before that, and not later. */
export async function answeredWithin<T>(clock: Clock, ms: number, answer: Promise<T>): Promise<T | undefined> {
  const waiting = new AbortController();
  const late = clock.sleep(ms, waiting.signal).then(
    () => undefined,
    () => undefined,
  );
  try {
    return await Promise.race([answer, late]);
  } finally {
    waiting.abort(ANSWERED);
  }
}
