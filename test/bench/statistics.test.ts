import { expect, it } from 'vitest';
import { median, percentile, ratioOf, summaryOf } from './statistics.ts';

const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);

it.each([
  [0, 1],
  [0.01, 1],
  [0.5, 50],
  [0.99, 99],
  [1, 100],
])('takes the nearest rank: %s of 1 to 100 is %s', (part, value) => {
  expect(percentile(hundred, part)).toBe(value);
});

it('summarises samples of any order, and refuses none', () => {
  expect(summaryOf([3, 1.00049, 2])).toEqual({ p50Ms: 2, p99Ms: 3, minMs: 1, maxMs: 3, samples: 3 });
  expect(() => median([])).toThrow(RangeError);
});

it('compares within each round, so that a slow round does not count twice', () => {
  const ours = [
    [2, 2, 2],
    [30, 30, 90],
    [2, 2, 4],
  ];
  const reference = [
    [1, 1, 9],
    [10, 10, 10],
    [1, 1, 1],
  ];
  expect(ratioOf(ours, reference)).toEqual({ median: 2, rounds: [2, 3, 2] });
});
