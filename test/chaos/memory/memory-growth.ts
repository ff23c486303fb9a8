/** Memory of one process at one time. */
export interface MemorySample {
  /** Service, or a store or the operator. */
  readonly name: string;
  /** Identifies the process: it changes with a restart. */
  readonly process: string;
  /** UTC milliseconds. */
  readonly atMs: number;
  readonly bytes: number;
}

export interface MemoryGrowth {
  readonly name: string;
  readonly processes: number;
  /** The largest of all samples. */
  readonly maxBytes: number;
  /** The first and the last sample after a warm-up. Undefined if no process ran for longer. */
  readonly firstBytes: number | undefined;
  readonly lastBytes: number | undefined;
  /** Time that processes were observed after their warm-up, all together. */
  readonly observedMinutes: number;
  /** Undefined if they were not observed long enough to distinguish growth from noise. */
  readonly bytesPerMinute: number | undefined;
}

const MINUTE_MS = 60_000;
/**
 * From the first sample of a process. Until then it compiles, fills its caches, and its heap grows to the size that the
 * garbage collector keeps: services gain 10 MB in their first minutes, and then a few in an hour.
 */
const WARM_UP_MS = 10 * MINUTE_MS;
/** Below that, what a garbage collection frees or not decides the slope. */
const OBSERVED_MINUTES_MIN = 20;
/**
 * Between two collections of its old space a heap of 30 MB rises by up to a third: a process that grows by 1 MB in half
 * an hour shows slopes of -7 to +9 MB in single windows of 10 minutes. Only the lowest sample of each window counts.
 */
const FLOOR_WINDOW_MS = 4 * MINUTE_MS;

/** 5 MB in 10 minutes. */
export const BYTES_PER_MINUTE_MAX = 500_000;

/**
 * Returns the growth of each name's memory in the order of their first samples. Processes are killed on purpose, and a
 * new one begins at another level. The slope is therefore the one that fits all processes of a name best, each at a
 * level of its own: least squares of the lowest samples, over times relative to the mean of each process.
 */
export function growthOf(samples: readonly MemorySample[]): readonly MemoryGrowth[] {
  return [...Map.groupBy(samples, ({ name }) => name)].map(([name, all]) => {
    const processes = [...Map.groupBy(all, ({ process }) => process).values()].map(warmOf);
    const warm = processes.flat().toSorted((a, b) => a.atMs - b.atMs);
    const observedMinutes = processes.reduce((sum, process) => sum + spanMsOf(process), 0) / MINUTE_MS;
    return {
      name,
      processes: processes.length,
      maxBytes: Math.max(...all.map(({ bytes }) => bytes)),
      firstBytes: warm[0]?.bytes,
      lastBytes: warm.at(-1)?.bytes,
      observedMinutes,
      bytesPerMinute: observedMinutes < OBSERVED_MINUTES_MIN ? undefined : slopeOf(processes.map(floorsOf)),
    };
  });
}

/** Whether a name's memory grows faster than is allowed. */
export function grows({ bytesPerMinute }: MemoryGrowth): boolean {
  return bytesPerMinute !== undefined && bytesPerMinute > BYTES_PER_MINUTE_MAX;
}

function warmOf(process: readonly MemorySample[]): readonly MemorySample[] {
  const startMs = Math.min(...process.map(({ atMs }) => atMs));
  return process.filter(({ atMs }) => atMs - startMs >= WARM_UP_MS).toSorted((a, b) => a.atMs - b.atMs);
}

function spanMsOf(process: readonly MemorySample[]): number {
  return (process.at(-1)?.atMs ?? 0) - (process[0]?.atMs ?? 0);
}

/** Returns the lowest sample of each whole window. */
function floorsOf(process: readonly MemorySample[]): readonly MemorySample[] {
  const [first, last] = [process[0]?.atMs ?? 0, process.at(-1)?.atMs ?? 0];
  const whole = process.filter(({ atMs }) => windowOf(atMs - first) < Math.max(1, windowOf(last - first)));
  return [...Map.groupBy(whole, ({ atMs }) => windowOf(atMs - first)).values()].map((window) =>
    window.reduce((low, sample) => (sample.bytes < low.bytes ? sample : low)),
  );
}

function windowOf(ageMs: number): number {
  return Math.floor(ageMs / FLOOR_WINDOW_MS);
}

/** Undefined when no process has two windows. */
function slopeOf(processes: readonly (readonly MemorySample[])[]): number | undefined {
  let products = 0;
  let squares = 0;
  for (const process of processes) {
    const meanMs = meanOf(process.map(({ atMs }) => atMs));
    for (const { atMs, bytes } of process) {
      const minutes = (atMs - meanMs) / MINUTE_MS;
      products += minutes * bytes;
      squares += minutes * minutes;
    }
  }
  return squares === 0 ? undefined : products / squares;
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
