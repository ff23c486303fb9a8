import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { BYTES_PER_MINUTE_MAX, grows, growthOf, type MemorySample } from './memory-growth.ts';

const MINUTE_MS = 60_000;

/** Samples of a process every 20 s over so many minutes. */
function samplesOf(process: string, fromMinute: number, minutes: number, bytesAt: (minute: number) => number) {
  return Array.from({ length: minutes * 3 + 1 }, (_, index): MemorySample => {
    const minute = index / 3;
    return { name: 'risk', process, atMs: (fromMinute + minute) * MINUTE_MS, bytes: bytesAt(minute) };
  });
}

const growthOfOne = (samples: readonly MemorySample[]) => growthOf(samples)[0]!;

it('reports the slope of a line, with what came after the warm-up of ten minutes', () => {
  const growth = growthOfOne(samplesOf('a', 5, 30, (minute) => (minute < 10 ? 1e9 : 1e8 + 1e6 * minute)));
  expect(growth).toMatchObject({
    name: 'risk',
    processes: 1,
    firstBytes: 1.1e8,
    lastBytes: 1.3e8,
    maxBytes: 1e9,
    observedMinutes: 20,
  });
  expect(growth.bytesPerMinute).toBeCloseTo(1e6, 3);
});

it('fits one slope to several processes, whatever the level that each began at', () => {
  const levels = fc.array(fc.integer({ min: 0, max: 1e9 }), { minLength: 3, maxLength: 6 });
  fc.assert(
    fc.property(levels, fc.integer({ min: -1e6, max: 1e6 }), (starts, slope) => {
      const all = starts.flatMap((start, index) =>
        samplesOf(`p${index}`, index * 20, 20, (minute) => start + slope * minute),
      );
      const { bytesPerMinute, observedMinutes, processes } = growthOfOne(all.toReversed());
      expect(bytesPerMinute).toBeCloseTo(slope, 0);
      expect(observedMinutes).toBeCloseTo(starts.length * 10, 6);
      expect(processes).toBe(starts.length);
    }),
  );
});

it('has no slope for less than twenty minutes after the warm-ups, or without two windows in one process', () => {
  expect(growthOfOne(samplesOf('a', 0, 30, () => 1)).bytesPerMinute).toBeCloseTo(0, 9);
  expect(growthOfOne(samplesOf('a', 0, 29, () => 1)).bytesPerMinute).toBeUndefined();
  const single = Array.from({ length: 4 }, (_, index) => samplesOf(`p${index}`, index * 17, 17, (minute) => minute));
  expect(growthOfOne(single.flat())).toMatchObject({ observedMinutes: 28, bytesPerMinute: undefined });
  const short = [0, 1, 2, 3].flatMap((index) => samplesOf(`p${index}`, index * 12, 12, (minute) => 1e8 * minute));
  expect(growthOfOne(short).bytesPerMinute).toBeUndefined();
});

it('has the largest sample of processes that ended before their warm-up, and nothing else', () => {
  const young = [...samplesOf('a', 0, 9, (minute) => minute), ...samplesOf('b', 9, 9, () => 4)];
  const unknown = { firstBytes: undefined, lastBytes: undefined, bytesPerMinute: undefined };
  expect(growthOf(young)).toEqual([{ name: 'risk', processes: 2, maxBytes: 9, observedMinutes: 0, ...unknown }]);
});

it('takes a heap that is collected now and then at its lowest', () => {
  // Rises by 10 MB in three minutes, and is collected; what stays grows by 0.1 MB a minute.
  const sawtooth = samplesOf('a', 0, 50, (minute) => 1e8 + 1e5 * minute + (1e7 * (minute % 3)) / 3);
  expect(growthOfOne(sawtooth).bytesPerMinute).toBeCloseTo(1e5, -4);
});

it('keeps names apart', () => {
  const risk = samplesOf('a', 0, 30, () => 1);
  const ws = samplesOf('b', 0, 30, (minute) => minute).map((sample) => ({ ...sample, name: 'ws' }));
  const growths = growthOf([...risk, ...ws]);
  expect(growths.map(({ name }) => name)).toEqual(['risk', 'ws']);
  expect(growths.map(({ bytesPerMinute }) => bytesPerMinute)).toEqual([expect.closeTo(0, 9), expect.closeTo(1, 9)]);
});

it('allows 5 MB in 10 minutes, and growth that is unknown', () => {
  const growth = growthOfOne(samplesOf('a', 0, 30, () => 1));
  expect(BYTES_PER_MINUTE_MAX * 10).toBe(5e6);
  expect(grows({ ...growth, bytesPerMinute: 500_000 })).toBe(false);
  expect(grows({ ...growth, bytesPerMinute: 500_001 })).toBe(true);
  expect(grows({ ...growth, bytesPerMinute: undefined })).toBe(false);
});
