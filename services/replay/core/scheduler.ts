import type { Clock } from '../../shared/runtime/clock.ts';

/** Work at a virtual time: everything runs in one process, in the order of its time, and in the order of scheduling at the same time. */
export interface Scheduler extends Clock {
  /** Runs `work` at a time that is not before now. */
  at(timeMs: number, work: () => void): void;
  after(delayMs: number, work: () => void): void;
  /**
   * Runs everything that is due until nothing is left or `untilMs` is passed, and after each piece of work all promises that it has settled; resolves to how
   * many pieces of work ran.
   */
  run(untilMs: number): Promise<number>;
}

interface Entry {
  readonly time: number;
  readonly order: number;
  readonly work: () => void;
}

/** A scheduler that stands at `startMs`, UTC milliseconds. Same calls, same order: nothing in it depends on the machine. */
export function createScheduler(startMs: number): Scheduler {
  const heap: Entry[] = [];
  let now = startMs;
  let order = 0;
  const at = (timeMs: number, work: () => void): void => {
    if (timeMs < now) throw new Error(`work at ${timeMs} is scheduled at ${now}`);
    push(heap, { time: timeMs, order, work });
    order += 1;
  };
  const after = (delayMs: number, work: () => void): void => at(now + delayMs, work);
  return {
    nowMs: () => now,
    monotonicMs: () => now - startMs,
    sleep: async (ms, signal) => await sleep((wake) => after(Math.max(0, ms), wake), signal),
    at,
    after,
    run: async (untilMs) => {
      let count = 0;
      await settled();
      for (let next = heap[0]; next !== undefined && next.time <= untilMs; next = heap[0]) {
        pop(heap);
        now = next.time;
        next.work();
        await settled();
        count += 1;
      }
      now = Math.max(now, untilMs);
      return count;
    },
  };
}

async function sleep(later: (wake: () => void) => void, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const onAbort = (): void => reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted'));
    signal?.addEventListener('abort', onAbort, { once: true });
    later(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
  });
}

/** An immediate runs when no continuation of a promise is left. */
async function settled(): Promise<void> {
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function before(a: Entry | undefined, b: Entry | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  return a.time === b.time ? a.order < b.order : a.time < b.time;
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
