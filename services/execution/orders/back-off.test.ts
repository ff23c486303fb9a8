import { expect, it } from 'vitest';
import { virtualClock } from '../../../test/harness/virtual-clock.ts';
import { BackOff } from './back-off.ts';

it('pauses for twice as long with each failure, up to the longest pause, until the thing has ended', async () => {
  const clock = virtualClock();
  const backOff = new BackOff(clock);
  const pauses: number[] = [];
  for (let failure = 0; failure < 6; failure += 1) {
    backOff.onFailure('a', 8_000);
    const fromMs = clock.monotonicMs();
    while (backOff.isPaused('a')) await clock.advance(500);
    pauses.push(clock.monotonicMs() - fromMs);
  }
  expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 8_000, 8_000]);
  backOff.onFailure('a', 8_000);
  expect([backOff.paused(), backOff.isPaused('b')]).toEqual([['a'], false]);
  backOff.ended('a');
  backOff.onFailure('a', 8_000);
  await clock.advance(1_000);
  expect(backOff.isPaused('a')).toBe(false);
});

it('forgets the oldest of very many', () => {
  const backOff = new BackOff(virtualClock());
  for (let key = 0; key <= 1_000; key += 1) backOff.onFailure(String(key), 60_000);
  expect([backOff.isPaused('0'), backOff.isPaused('1'), backOff.paused().length]).toEqual([false, true, 1_000]);
});
