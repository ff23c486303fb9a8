import { expect, it } from 'vitest';
import { samplesOf } from './swap-sample.ts';

const change = (epoch: number, firstMs: number, gapMs: number, overlap = 0) => ({ epoch, firstMs, gapMs, overlap });
const handOver = { epoch: 2, mayMs: 1_480, drained: true, handOverMs: 50, drainMs: 30, fenceMs: 15, activateMs: 5 };

it('measures each swap that was asked for', () => {
  const asked = [
    { start: 'cold' as const, askedMs: 1_000 },
    { start: 'warm' as const, askedMs: 9_000 },
  ];
  const changes = [change(2, 1_500, 120), change(3, 9_300, 3_000, 1)];
  expect(samplesOf({ asked, changes, handOvers: [handOver] })).toEqual([
    { start: 'cold', overlap: 0, gapMs: 120, wholeMs: 500, handOver, firstOrderMs: 20 },
    { start: 'warm', overlap: 1, gapMs: 3_000, wholeMs: 300, handOver: undefined, firstOrderMs: undefined },
  ]);
});

it('counts every change of the sender until the next request', () => {
  const asked = [{ start: 'cold' as const, askedMs: 1_000 }];
  const changes = [change(1, 900, 1), change(2, 1_500, 700, 2), change(3, 2_100, 100, 1)];
  expect(samplesOf({ asked, changes, handOvers: [] })).toMatchObject([{ overlap: 3, gapMs: 700, wholeMs: 1_100 }]);
});

it('refuses a swap after which the sender is the same', () => {
  const asked = [{ start: 'warm' as const, askedMs: 1_000 }];
  expect(() => samplesOf({ asked, changes: [change(2, 900, 50)], handOvers: [] })).toThrow(/swap 1/);
});
