import { expect, it } from 'vitest';
import { ListedPairs } from './listed-pairs.ts';

function pairs(): ListedPairs {
  return new ListedPairs(
    new Map([
      ['XRPETH', 'XRP/ETH'],
      ['XRPBTC', 'XRP/BTC'],
    ]),
  );
}

it('lists every known pair at first, and no other', () => {
  const all = pairs();
  expect(all.keys()).toEqual(['XRPETH', 'XRPBTC']);
  expect(all.values()).toEqual(['XRP/ETH', 'XRP/BTC']);
  expect(all.get('XRPETH')).toBe('XRP/ETH');
  expect([all.has('XRPETH'), all.has('XRP/ETH'), all.has('BTCUSDT')]).toEqual([true, false, false]);
});

it('hides a pair from every look-up until it is listed again', () => {
  const all = pairs();
  expect(all.set('XRP/ETH', false)).toBe(true);
  expect([all.get('XRPETH'), all.has('XRPETH'), all.keys(), all.values()]).toEqual([
    undefined,
    false,
    ['XRPBTC'],
    ['XRP/BTC'],
  ]);
  expect(all.set('XRP/ETH', true)).toBe(true);
  expect(all.get('XRPETH')).toBe('XRP/ETH');
});

it('refuses a pair that the venue never had', () => {
  expect(pairs().set('BTC/USDT', true)).toBe(false);
  expect(pairs().set('XRPETH', false)).toBe(false);
});
