import { expect, it } from 'vitest';
import { windowHasPassed } from './window-has-passed.ts';

const RULES = { recvWindowMs: 2_000, skewBoundMs: 500, acceptedAheadMs: 1_000 };

it.each([
  ['before the grant', undefined, 9_000, false],
  ['at once after a drain', { atMs: 100, drained: true }, 100, true],
  ['in the last millisecond of the window', { atMs: 100, drained: false }, 3_099, false],
  ['after the window and the error of the clocks', { atMs: 100, drained: false }, 3_100, true],
])('%s', (_when, grant, nowMs, passed) => {
  expect(windowHasPassed(grant, nowMs, RULES)).toBe(passed);
});
