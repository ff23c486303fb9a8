import { expect, it } from 'vitest';
import { UsageError } from './bench.ts';
import { roundsOf } from './rounds.ts';

it.each([
  [{}, 7],
  [{ rounds: '1' }, 1],
  [{ rounds: '1000' }, 1_000],
])('reads the number of rounds from %j', (values, count) => {
  expect(roundsOf(values)).toBe(count);
});

it.each(['0', '1001', '-1', '1.5', 'many', ''])('refuses %j rounds', (rounds) => {
  expect(() => roundsOf({ rounds })).toThrow(UsageError);
});
