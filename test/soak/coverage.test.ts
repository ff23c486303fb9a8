import { expect, test } from 'vitest';
import { EXPECTED_EVENTS, type SeenEvent } from '../simulation/seen-events.ts';
import { coverageGaps } from './coverage.ts';

const outcomes = (seeds: number, seen: (index: number) => readonly SeenEvent[]) =>
  Array.from({ length: seeds }, (_, index) => ({ seen: seen(index) }));
/** Every event in each seed, but the given one in the first `count` seeds only. */
const rarely = (event: SeenEvent, count: number) => (index: number) =>
  EXPECTED_EVENTS.filter((one) => one !== event || index < count);

test('an event of one seed in a hundred is enough', () => {
  expect(coverageGaps(outcomes(100, rarely('fault PushLost', 1)), EXPECTED_EVENTS)).toEqual([]);
  expect(coverageGaps(outcomes(300, rarely('fault PushLost', 3)), EXPECTED_EVENTS)).toEqual([]);
});

test('reports an event of fewer seeds, or of none', () => {
  expect(coverageGaps(outcomes(300, rarely('sender Frozen', 2)), EXPECTED_EVENTS)).toEqual([
    'only 2 of 300 seeds show: sender Frozen',
  ]);
  expect(coverageGaps(outcomes(100, rarely('state Unknown', 0)), EXPECTED_EVENTS)).toEqual([
    'no seed shows: state Unknown',
  ]);
});

test('reports more than one seed in a hundred with few orders', () => {
  const few = (count: number) =>
    outcomes(200, (index) => [...EXPECTED_EVENTS, ...(index < count ? ['run FewOrders' as const] : [])]);
  expect(coverageGaps(few(2), EXPECTED_EVENTS)).toEqual([]);
  expect(coverageGaps(few(3), EXPECTED_EVENTS)).toEqual(['3 of 200 seeds show: run FewOrders']);
});

test('reports every event when the runs exercise nothing', () => {
  expect(
    coverageGaps(
      outcomes(100, () => []),
      EXPECTED_EVENTS,
    ),
  ).toHaveLength(EXPECTED_EVENTS.length);
});

test('fewer than a hundred seeds need not show every event', () => {
  expect(
    coverageGaps(
      outcomes(99, () => []),
      EXPECTED_EVENTS,
    ),
  ).toEqual([]);
});
