import { expect, test } from 'vitest';
import { RequestPacer } from './request-pacer.ts';

test('allows 250 requests in ten seconds, evenly spread', () => {
  const pacer = new RequestPacer();
  const taken = Array.from({ length: 10_000 }, (_, nowMs) => nowMs).filter((nowMs) => pacer.take(nowMs));
  expect(taken.length).toBe(250);
  expect(taken.slice(0, 3)).toEqual([0, 40, 80]);
});

test('allows none during a pause, and does not shorten a pause', () => {
  const pacer = new RequestPacer();
  pacer.pauseUntil(5_000);
  pacer.pauseUntil(1_000);
  expect([pacer.take(4_999), pacer.take(5_000)]).toEqual([false, true]);
});
