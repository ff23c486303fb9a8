import { expect, test } from 'vitest';
import { decideSilence, silenceLimits } from './silence-rules.ts';

const never = Number.POSITIVE_INFINITY;

test.each([
  [{ ageMs: 5_000, sinceRemedyMs: never, remedies: 0 }, 'None'],
  [{ ageMs: 5_001, sinceRemedyMs: never, remedies: 0 }, 'Resubscribe'],
  [{ ageMs: 9_000, sinceRemedyMs: 4_000, remedies: 1 }, 'None'],
  [{ ageMs: 10_100, sinceRemedyMs: 5_001, remedies: 1 }, 'Resubscribe'],
  [{ ageMs: 15_200, sinceRemedyMs: 5_001, remedies: 2 }, 'Replace'],
  [{ ageMs: 20_300, sinceRemedyMs: 5_001, remedies: 3 }, 'Resubscribe'],
])('decideSilence(%j) returns %s', (view, remedy) => {
  expect(decideSilence(view, { limitMs: 5_000, subscriptions: 2 })).toBe(remedy);
});

test('allows trades a longer silence than depth', () => {
  expect(silenceLimits('depth', 2_000)).toEqual({ limitMs: 2_000, subscriptions: 2 });
  expect(silenceLimits('trades', 2_000)).toEqual({ limitMs: 60_000, subscriptions: 10 });
  expect(silenceLimits('trades', 10_000).limitMs).toBe(120_000);
});
