import { expect, it } from 'vitest';
import { createBackoff } from './backoff.ts';

it.each([
  [0, [800, 1_600, 3_200, 5_000, 5_000]],
  [0.5, [1_200, 2_400, 4_800, 7_500, 7_500]],
])('doubles its waits up to the maximum, with jitter %d, and starts over on reset', (jitter, waits) => {
  const backoff = createBackoff({ minMs: 800, maxMs: 5_000, random: () => jitter });
  expect(waits.map(() => backoff.nextMs())).toEqual(waits);
  backoff.reset();
  expect(backoff.nextMs()).toBe(waits[0]);
});
