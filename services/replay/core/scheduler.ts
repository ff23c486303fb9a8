import type { Clock } from '../../shared/runtime/clock.ts';
import { repeatSettled, settled } from './repeat-settled.ts';

/** Runs work at virtual times in one process: in order of time, and in order of scheduling at the same time. */
export interface Scheduler extends Clock {
  /** Schedules `work` at a time that is not in the past. */
  at(timeMs: number, work: () => void): void;
  after(delayMs: number, work: () => void): void;
  /**
   * Runs all due work until none is left or `untilMs` is reached. After each piece of work all promise continuations
   * run before the next. Resolves to the number of pieces of work that ran.
   */
  run(untilMs: number): Promise<number>;
}

interface Entry {
  readonly timeMs: number;
  readonly order: number;
  readonly work: () => void;
}

/**
 * Creates a scheduler at `startMs`, UTC milliseconds. Deterministic: the same calls run in the same order on any
 * machine.
 */
export function createScheduler(startMs: number): Scheduler {
  const heap: Entry[] = [];
  let nowMs = startMs;
  let order = 0;
  const at = (timeMs: number, work: () => void): void => {
    if (timeMs < nowMs) throw new Error(`work at ${timeMs} is scheduled at ${nowMs}`);
    // Every clock here shows whole milliseconds, as that of a system does: the venue takes no other timestamp.
    push(heap, { timeMs: Math.ceil(timeMs), order, work });
    order += 1;
  };
  const after = (delayMs: number, work: () => void): void => at(nowMs + delayMs, work);
  return {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs - startMs,
    sleep: async (ms, signal) => await sleep((wake) => after(Math.max(0, ms), wake), signal),
    at,
    after,
    run: async (untilMs) => {
      let count = 0;
      await settled();
      await repeatSettled(() => {
        const next = heap[0];
        if (next === undefined || next.timeMs > untilMs) return false;
        pop(heap);
        nowMs = next.timeMs;
        next.work();
        count += 1;
        return true;
      });
      nowMs = Math.max(nowMs, untilMs);
      return count;
    },
  };
}

async function sleep(schedule: (wake: () => void) => void, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const onAbort = (): void => reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted'));
    signal?.addEventListener('abort', onAbort, { once: true });
    schedule(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
  });
}

function before(a: Entry | undefined, b: Entry | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  return a.timeMs === b.timeMs ? a.order < b.order : a.timeMs < b.timeMs;
}

function push(heap: Entry[], entry: Entry): void {
  heap.push(entry);
  let child = heap.length - 1;
  for (let parent = (child - 1) >> 1; child > 0 && before(heap[child], heap[parent]); parent = (child - 1) >> 1) {
    swap(heap, child, parent);
    child = parent;
  }
}

function pop(heap: Entry[]): void {
  swap(heap, 0, heap.length - 1);
  heap.pop();
  for (let parent = 0; ;) {
    const left = 2 * parent + 1;
    const child = before(heap[left + 1], heap[left]) ? left + 1 : left;
    if (!before(heap[child], heap[parent])) return;
    swap(heap, child, parent);
    parent = child;
  }
}

function swap(heap: Entry[], a: number, b: number): void {
  const [one, other] = [heap[a], heap[b]];
  if (one === undefined || other === undefined) return;
  heap[a] = other;
  heap[b] = one;
}
