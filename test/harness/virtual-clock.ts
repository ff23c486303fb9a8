import type { Clock } from '../../services/shared/runtime/clock.ts';

export interface VirtualClock extends Clock {
  /** Moves time on, waking each sleeper at its time, in order, and letting its continuations run before the next one wakes. */
  advance(ms: number): Promise<void>;
  /** The wall clock jumps; ages do not. */
  setNow(ms: number): void;
  /** How many sleeps wait now. */
  sleepers(): number;
}

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/** Time that stands still until a test moves it. Default start: 2026-01-01T00:00:00Z. */
export function virtualClock(startMs = 1_767_225_600_000): VirtualClock {
  let elapsed = 0;
  let offset = startMs;
  const waiting = new Set<Sleeper>();

  const sleep = async (ms: number, signal?: AbortSignal): Promise<void> => {
    signal?.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const onAbort = (): void => {
        waiting.delete(sleeper);
        reject(signal?.reason instanceof Error ? signal.reason : new Error(String(signal?.reason)));
      };
      const sleeper: Sleeper = {
        at: elapsed + Math.max(0, ms),
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
    nowMs: () => offset + elapsed,
    monotonicMs: () => elapsed,
    sleep,
    sleepers: () => waiting.size,
    setNow: (ms) => {
      offset = ms - elapsed;
    },
    advance: async (ms) => {
      const target = elapsed + ms;
      await settled();
      for (let next = firstBefore(waiting, target); next !== undefined; next = firstBefore(waiting, target)) {
        elapsed = Math.max(elapsed, next.at);
        next.wake();
        await settled();
      }
      elapsed = target;
    },
  };
}

function firstBefore(waiting: ReadonlySet<Sleeper>, target: number): Sleeper | undefined {
  return [...waiting].filter((sleeper) => sleeper.at <= target).sort((a, b) => a.at - b.at)[0];
}

/** Lets promise continuations and immediates run. */
async function settled(): Promise<void> {
  for (let round = 0; round < 3; round += 1) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }
}
