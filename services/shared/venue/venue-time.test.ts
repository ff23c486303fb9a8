import { expect, it } from 'vitest';
import { VenueTime } from './venue-time.ts';

const HOUR_MS = 3_600_000;

it('keeps a comparison that is newer than the one of the refused request', () => {
  let wallMs = 1_000_000;
  const time = new VenueTime({ nowMs: () => wallMs, monotonicMs: () => 0 });
  time.compared(0);
  wallMs += HOUR_MS;
  const { comparison } = time;
  time.compared(-HOUR_MS + 10_000);
  time.forget(comparison);
  expect(time.nowMs()).toBe(1_010_000);
  time.forget(time.comparison);
  expect(time.nowMs()).toBe(wallMs);
});

it('keeps the first comparison when a request from before it is refused', () => {
  const time = new VenueTime({ nowMs: () => 1_000_000, monotonicMs: () => 0 });
  const { comparison } = time;
  time.compared(500);
  time.forget(comparison);
  expect(time.nowMs()).toBe(1_000_500);
});
