import { expect, test } from 'vitest';
import { createChannelAges } from './channel-ages.ts';

test('measures the age of each channel separately', () => {
  const ages = createChannelAges(['depth XRP/ETH', 'trades XRP/ETH'], 1_000);
  ages.touch('depth XRP/ETH', 4_000);
  expect(ages.ageMs('depth XRP/ETH', 4_500)).toBe(500);
  expect(ages.ageMs('trades XRP/ETH', 4_500)).toBe(3_500);
  expect([ages.received('depth XRP/ETH'), ages.received('trades XRP/ETH')]).toEqual([true, false]);
});
