import { expect, test } from 'vitest';
import { createChannelAges } from './channel-ages.ts';

test('each channel ages alone', () => {
  const ages = createChannelAges(['depth XRP/ETH', 'trades XRP/ETH'], 1_000);
  ages.touch('depth XRP/ETH', 4_000);
  expect(ages.ageMs('depth XRP/ETH', 4_500)).toBe(500);
  expect(ages.ageMs('trades XRP/ETH', 4_500)).toBe(3_500);
  expect([ages.heard('depth XRP/ETH'), ages.heard('trades XRP/ETH')]).toEqual([true, false]);
});

test('a channel is stale beyond its own bound, the longest silent first', () => {
  const ages = createChannelAges(['a', 'b', 'c'], 0);
  ages.touch('b', 60);
  ages.touch('c', 95);
  const limitMs = (channel: string): number => (channel === 'a' ? 200 : 10);
  expect(ages.stale(100, limitMs)).toEqual(['b']);
  expect(ages.stale(201, limitMs)).toEqual(['a', 'b', 'c']);
  expect(ages.stale(70, () => 70)).toEqual([]);
});
