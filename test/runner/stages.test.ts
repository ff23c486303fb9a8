import { expect, it } from 'vitest';
import { PAIRED_STAGES, QUICK_STAGES, SINGLE_STAGES, STAGES } from './stages.ts';

it('runs each stage once', () => {
  expect([...QUICK_STAGES, ...PAIRED_STAGES, ...SINGLE_STAGES]).toEqual(STAGES);
});

it('starts the longest of the pairs first, and runs what measures a cluster by itself', () => {
  expect(PAIRED_STAGES.map(({ name }) => name)).toEqual(['simulation', 'redis', 'pg', 'charts']);
  expect(SINGLE_STAGES.map(({ name }) => name)).toEqual(['integration', 'e2e']);
});
