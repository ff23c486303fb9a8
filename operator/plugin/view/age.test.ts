import { expect, it } from 'vitest';
import { duration, since } from './age.ts';

it.each([
  [-5, '0s'],
  [999, '0s'],
  [59_999, '59s'],
  [60_000, '1m'],
  [61_000, '1m1s'],
  [600_000, '10m'],
  [659_000, '10m'],
  [3_600_000, '1h'],
  [7_500_000, '2h5m'],
  [90_000_000, '1d1h'],
])('%d ms are %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});

it('does not know the age of no time, nor of a wrong one', () => {
  expect([since(undefined, 0), since('yesterday', 0)]).toEqual(['unknown', 'unknown']);
  expect(since('2026-01-01T00:00:00Z', Date.parse('2026-01-01T00:00:05Z'))).toBe('5s');
});
