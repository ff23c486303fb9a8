import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { ALL_BROKEN } from './broken-releases/broken-release.ts';
import { endTrialStack, startTrialStack, type TrialStack } from './broken-releases/trial-stack.ts';

// Takes about ten minutes, and so runs by name only: npm run test:e2e:long.

let stack: TrialStack;

beforeAll(async () => {
  stack = await startTrialStack(inject('e2e'), ALL_BROKEN);
});

afterAll(async () => {
  await endTrialStack(inject('e2e'));
});

test.each(ALL_BROKEN)('$name is rolled back by itself, and why names the cause', async (release) => {
  const { epochs, status } = await stack.tryRelease(release);
  // At most one sender at any time since the stack exists.
  expect(epochs).toEqual(epochs.toSorted((a, b) => a - b));
  expect(epochs.at(-1)).toBe(status.execution?.epoch);
});
