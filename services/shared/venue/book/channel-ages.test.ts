import { expect, test } from 'vitest';
import { createChannelAges } from './channel-ages.ts';

test('measures the age of each channel separately, from when it is watched until it is current', () => {
  const ages = createChannelAges();
  ages.watch('depth XRP/ETH', 1_000);
  ages.watch('trades XRP/ETH', 1_000);
  ages.touch('depth XRP/ETH', 4_000);
  expect(ages.ageMs('depth XRP/ETH', 4_500)).toBe(500);
  expect(ages.ageMs('trades XRP/ETH', 4_500)).toBe(3_500);
  expect([ages.received('depth XRP/ETH'), ages.received('trades XRP/ETH')]).toEqual([true, false]);
});

test('neither begins again when a channel is watched twice, nor goes back to an earlier time', () => {
  const ages = createChannelAges();
  ages.watch('depth XRP/ETH', 1_000);
  ages.touch('depth XRP/ETH', 4_000);
  ages.touch('depth XRP/ETH', 3_000);
  ages.watch('depth XRP/ETH', 9_000);
  expect(ages.ageMs('depth XRP/ETH', 9_000)).toBe(5_000);
});

test('throws for a channel that is not watched', () => {
  expect(() => createChannelAges().ageMs('depth XRP/ETH', 1)).toThrow('depth XRP/ETH is not watched');
});
