import { expect, it } from 'vitest';
import { virtualClock } from '../../../test/harness/virtual-clock.ts';
import { ageCheck } from './health.ts';

it('a check of age fails before the first touch and when the last touch is too old', async () => {
  const clock = virtualClock();
  const age = ageCheck({ clock, maxAgeMs: 100, reason: 'FeedStale', what: 'trade' });
  expect(age.check()).toMatchObject({ ok: false, reason: 'FeedStale', message: 'no trade yet' });
  age.touch();
  await clock.advance(100);
  expect(age.check().ok).toBe(true);
  await clock.advance(1);
  expect(age.check().message).toBe('no trade for 101 ms; the limit is 100 ms');
});
