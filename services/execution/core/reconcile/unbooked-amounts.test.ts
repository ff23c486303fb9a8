import { expect, it } from 'vitest';
import { parseDecimal as d } from '../../../shared/domain/decimal.ts';
import type { Fill } from '../../../shared/domain/orders/fill.ts';
import { deadLetter, deadLetterKey } from '../dead-letter.ts';
import { withUnbooked } from './unbooked-amounts.ts';

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
const ledger = new Map([['ETH', d('8')]]);

it('adds what a fill that is set apart moved at the venue, with its fee', () => {
  const expected = [
    ['ETH', d('3')],
    ['XRP', d('10')],
    ['MX', d('-0.1')],
  ] as const;
  expect(withUnbooked(ledger, [letter])).toEqual(new Map(expected));
  expect(ledger).toEqual(new Map([['ETH', d('8')]]));
});

it.each([
  ['another kind', { ...letter, kind: 'Order' as const }],
  ['a payload that was cut', { ...letter, payload: '"{"' }],
  [
    'amounts out of range',
    { ...letter, payload: letter.payload.replaceAll('"10"', '"99999999999999999999"').replace('"0.5"', '"99"') },
  ],
])('leaves out %s', (_title, other) => {
  expect(withUnbooked(ledger, [other])).toEqual(ledger);
});
