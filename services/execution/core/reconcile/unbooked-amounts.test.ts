import { expect, it } from 'vitest';
import { parseDecimal as d } from '../../../shared/domain/decimal.ts';
import type { Fill } from '../../../shared/domain/orders/fill.ts';
import { deadLetter, deadLetterKey } from '../dead-letter.ts';
import { differenceOf, sumOf, unbookedAmounts, uncountedFills } from './unbooked-amounts.ts';

const fill: Fill = {
  venueTradeId: 'T1',
  venueOrderId: 'V1',
  clientOrderId: 'c1',
  symbol: 'XRP/ETH',
  side: 'buy',
  price: d('0.5'),
  quantity: d('10'),
  fee: d('0.1'),
  feeAsset: 'MX',
  maker: false,
  time: 1,
};
const observation = { kind: 'FillSeen', fill } as const;
const letter = deadLetter(deadLetterKey('c1', observation), {
  symbol: 'XRP/ETH',
  payload: { observation },
  error: 'e',
});

it('is what fills that are set apart or lost moved at the venue, with their fees', () => {
  const amounts = unbookedAmounts({
    letters: [letter],
    lost: [{ ...fill, side: 'sell', quantity: d('4'), fee: d('0') }],
  });
  expect(amounts).toEqual(
    new Map([
      ['ETH', d('-3')],
      ['XRP', d('6')],
      ['MX', d('-0.1')],
    ]),
  );
});

it.each([
  ['another kind', { ...letter, kind: 'Order' as const }],
  ['a payload that was cut', { ...letter, payload: '"{"' }],
  [
    'amounts out of range',
    { ...letter, payload: letter.payload.replaceAll('"10"', '"99999999999999999999"').replace('"0.5"', '"99"') },
  ],
])('leaves out %s', (_title, other) => {
  expect(unbookedAmounts({ letters: [other], lost: [] })).toEqual(new Map());
});

it.each([
  ['cannot be true', { ...fill, quantity: d('0') }, 'buy'],
  ['contradicts its order', fill, 'sell'],
])('leaves out a fill that %s, also its fee, and names it', (_title, wrong, side) => {
  const payload = { observation: { kind: 'FillSeen', fill: wrong }, order: { request: { symbol: 'XRP/ETH', side } } };
  const apart = deadLetter(letter, { symbol: 'XRP/ETH', payload, error: 'e' });
  expect(unbookedAmounts({ letters: [apart], lost: [] })).toEqual(new Map());
  expect(['XRP', 'ETH', 'MX', 'BTC'].map((asset) => uncountedFills([apart], asset).length)).toEqual([1, 1, 1, 0]);
});

it('leaves out a lost fill that cannot be true', () => {
  expect(unbookedAmounts({ letters: [], lost: [{ ...fill, price: d('-1') }] })).toEqual(new Map());
});

it('leaves out a lost fill whose amounts are out of range', () => {
  const huge = { ...fill, price: d('99999999999999999999'), quantity: d('99') };
  expect(unbookedAmounts({ letters: [], lost: [huge] })).toEqual(new Map());
});

it('is added to balances and taken from them, also where an asset is missing', () => {
  const balances = new Map([['ETH', d('8')]]);
  const amounts = new Map([
    ['ETH', d('3')],
    ['XRP', d('1')],
  ]);
  const entries = (map: ReadonlyMap<string, unknown>) => Object.fromEntries(map);
  expect(entries(sumOf(balances, amounts))).toEqual({ ETH: d('11'), XRP: d('1') });
  expect(entries(differenceOf(balances, amounts))).toEqual({ ETH: d('5'), XRP: d('-1') });
  expect(entries(balances)).toEqual({ ETH: d('8') });
});
