import { expect, it } from 'vitest';
import { permitAgeMs } from './permit.ts';

it.each([
  ['has no age without a read', undefined, undefined],
  ['has no age for another epoch', { epoch: 2, readAtMs: 1_000 }, undefined],
  ['is as old as its read', { epoch: 3, readAtMs: 1_000 }, 500],
])('a permit %s', (_title, permit, ageMs) => {
  expect(permitAgeMs(permit, { epoch: 3, monotonicMs: 1_500 })).toBe(ageMs);
});
