import { expect, test } from 'vitest';
import { compareVersions, verifyAfterMs } from './verification-rules.ts';

test.each([
  [100, 50],
  [2_000, 1_000],
  [10_000, 5_000],
  [600_000, 5_000],
])('verifies a book that may be %i ms old after %i ms', (maxFeedAgeMs, expected) => {
  expect(verifyAfterMs(maxFeedAgeMs)).toBe(expected);
});

test.each([
  [7n, 7n, 'Current'],
  [7n, 8n, 'Behind'],
  [7n, 6n, 'Unproven'],
] as const)('our version %i and the version %i of the venue: %s', (ours, venues, expected) => {
  expect(compareVersions(ours, venues)).toBe(expected);
});
