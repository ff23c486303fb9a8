/** Work at a virtual time: everything runs in one process, in the order of its time, and in the order of scheduling at the same time. */
export interface Scheduler {
  /** Virtual UTC milliseconds. */
  nowMs(): number;
  /** Runs `work` at a time that is not before now. */
  at(timeMs: number, work: () => void): void;
  after(delayMs: number, work: () => void): void;
  /** Runs everything that is due until nothing is left or `untilMs` is passed; returns how many pieces of work ran. */
  run(untilMs: number): number;
}

interface Entry {
  readonly time: number;
  readonly order: number;
  readonly work: () => void;
}

/** A scheduler that stands at `startMs`. Same calls, same order: nothing in it depends on the machine. */
export function createScheduler(startMs: number): Scheduler {
  const heap: Entry[] = [];
  let now = startMs;
  let order = 0;
  const at = (timeMs: number, work: () => void): void => {
    if (timeMs < now) throw new Error(`work at ${timeMs} is scheduled at ${now}`);
    push(heap, { time: timeMs, order, work });
    order += 1;
  };
  return {
    nowMs: () => now,
    at,
    after: (delayMs, work) => at(now + delayMs, work),
    run: (untilMs) => {
      let count = 0;
      for (let next = heap[0]; next !== undefined && next.time <= untilMs; next = heap[0]) {
        pop(heap);
        now = next.time;
        next.work();
        count += 1;
      }
      now = Math.max(now, untilMs);
      return count;
    },
  };
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
