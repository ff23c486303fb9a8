import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { FEW_BROKEN } from './broken-releases/broken-release.ts';
import { endTrialStack, startTrialStack, type TrialStack } from './broken-releases/trial-stack.ts';

// The short form; every-broken-release.e2e.test.ts has the others too.

let stack: TrialStack;

beforeAll(async () => {
  stack = await startTrialStack(inject('e2e'), FEW_BROKEN);
});

afterAll(async () => {
  await endTrialStack(inject('e2e'));
});

test.each(FEW_BROKEN)('$name is rolled back by itself, and why names the cause', async (release) => {
  const { epochs, status } = await stack.tryRelease(release);
  // At most one sender at any time since the stack exists.
  expect(epochs).toEqual(epochs.toSorted((a, b) => a - b));
  expect(epochs.at(-1)).toBe(status.execution?.epoch);
});
