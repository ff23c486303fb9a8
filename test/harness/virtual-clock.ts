import { createRandom } from '../../services/exchange-simulator/core/random.ts';
import type { Clock } from '../../services/shared/runtime/clock.ts';

export interface VirtualClock extends Clock {
  /** Advances time. Wakes each sleeper at its time, in order, and runs its continuations before the next one wakes. */
  advance(ms: number): Promise<void>;
  /** Sets the wall clock. The monotonic clock does not change. */
  setNow(ms: number): void;
  /** Number of pending sleeps. */
  sleepers(): number;
}

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/** Creates a clock that only moves when a test advances it. Default start: 2026-01-01T00:00:00Z. */
export function virtualClock(startMs = 1_767_225_600_000): VirtualClock {
  let elapsedMs = 0;
  let offsetMs = startMs;
  const waiting = new Set<Sleeper>();

  const sleep = async (ms: number, signal?: AbortSignal): Promise<void> => {
    signal?.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const onAbort = (): void => {
        waiting.delete(sleeper);
        reject(signal?.reason instanceof Error ? signal.reason : new Error(String(signal?.reason)));
      };
      const sleeper: Sleeper = {
        at: elapsedMs + Math.max(0, ms),
        wake: () => {
          signal?.removeEventListener('abort', onAbort);
          waiting.delete(sleeper);
          resolve();
        },
      };
      waiting.add(sleeper);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  };

  return {
    nowMs: () => offsetMs + elapsedMs,
    monotonicMs: () => elapsedMs,
    sleep,
    sleepers: () => waiting.size,
    // The same for each clock, so that a test gives the same result each time.
    random: createRandom(1),
    setNow: (ms) => {
      offsetMs = ms - elapsedMs;
    },
    advance: async (ms) => {
      const targetMs = elapsedMs + ms;
      await settled();
      for (let next = firstBefore(waiting, targetMs); next !== undefined; next = firstBefore(waiting, targetMs)) {
        elapsedMs = Math.max(elapsedMs, next.at);
        next.wake();
        await settled();
      }
      elapsedMs = targetMs;
    },
  };
}

function firstBefore(waiting: ReadonlySet<Sleeper>, targetMs: number): Sleeper | undefined {
  return [...waiting].filter((sleeper) => sleeper.at <= targetMs).sort((a, b) => a.at - b.at)[0];
}

/** Runs pending promise continuations and immediates. */
async function settled(): Promise<void> {
  for (let round = 0; round < 3; round += 1) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }
}
