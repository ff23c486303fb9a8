import { expect, it } from 'vitest';
import { parseDecimal as d } from '../../../shared/domain/decimal.ts';
import type { UnreadFill, UnreadOrder } from '../../../shared/domain/orders/unread-row.ts';
import {
  isRowLetter,
  isUnreadOrderLetter,
  moreRowsLetter,
  rowSinceMs,
  unreadFillLetter,
  unreadOrderLetter,
} from './unread-letters.ts';
import { unbookedAmounts, uncountedFills } from './unbooked-amounts.ts';

const ids = { venueTradeId: 'T1', venueOrderId: 'V1', clientOrderId: '', symbol: 'XRP/ETH' };
const whole = {
  ...ids,
  side: 'buy',
  price: d('0.5'),
  quantity: d('10'),
  quoteQuantity: d('5'),
  fee: d('0.1'),
  feeAsset: 'MX',
} as const;

function fill(known: UnreadFill['known']): UnreadFill {
  return { row: '{"id":"T1"}', problem: 'commission', digest: 'abc', known };
}

function order(known: UnreadOrder['known']): UnreadOrder {
  return { row: '{}', problem: 'status', digest: 'abc', known };
}

it('a fill has the key that it has when it can be read, and the parts that can be read', () => {
  const letter = unreadFillLetter('XRP/ETH', fill({ ...ids, price: d('0.5') }), 5);
  expect(letter).toMatchObject({ kind: 'Fill', id: 'XRP/ETH T1 V1', symbol: 'XRP/ETH' });
  expect(letter.problem).toBe("a row of the venue's fills cannot be read: commission");
  expect(JSON.parse(letter.payload)).toEqual({
    observation: { kind: 'FillSeen', fill: { ...ids, price: '0.5' } },
    row: '{"id":"T1"}',
  });
});

it.each(['venueTradeId', 'venueOrderId'])('a fill without %s has a key of its text, and counts for nothing', (name) => {
  const known = Object.fromEntries(Object.entries(whole).filter(([key]) => key !== name));
  const letter = unreadFillLetter('XRP/ETH', fill(known), 5);
  expect(letter.id).toBe('XRP/ETH row abc');
  expect(unbookedAmounts({ letters: [letter], lost: [] })).toEqual(new Map());
  expect(uncountedFills([letter], 'ETH')).toEqual([letter]);
  expect([rowSinceMs(letter), rowSinceMs({ ...letter, payload: '{}' })]).toEqual([5, -Infinity]);
  expect(isRowLetter(letter, 'XRP/ETH')).toBe(true);
  expect([isRowLetter(letter, 'XRP/ET'), isRowLetter({ ...letter, kind: 'Order' }, 'XRP/ETH')]).toEqual([false, false]);
  expect(isRowLetter(unreadFillLetter('XRP/ETH', fill(whole), 5), 'XRP/ETH')).toBe(false);
});

it('fills without letters of their own are counted by one letter, which is no letter of a row', () => {
  const letter = moreRowsLetter('XRP/ETH', 7);
  expect(letter).toMatchObject({ kind: 'Fill', id: 'XRP/ETH rows', symbol: 'XRP/ETH' });
  expect(letter.problem).toMatch(/^7 more rows /);
  expect(isRowLetter(letter, 'XRP/ETH')).toBe(false);
  expect(uncountedFills([letter], 'ETH')).toEqual([letter]);
});

const amounts = { XRP: d('10'), ETH: d('-5') };
it.each([
  ['is whole', [], { ...amounts, MX: d('-0.1') }, true],
  ['has no fee', ['fee'], amounts, false],
  ['has no asset of its fee', ['feeAsset'], amounts, false],
  ['has no price', ['price'], { ...amounts, MX: d('-0.1') }, true],
  ['has no quantity', ['quantity'], { ...amounts, MX: d('-0.1') }, true],
  ['has no amount in the quote asset', ['quoteQuantity'], { ...amounts, MX: d('-0.1') }, true],
  ['has no price and no amount in the quote asset', ['price', 'quoteQuantity'], {}, false],
  ['has no side', ['side'], {}, false],
  ['has no pair', ['symbol'], {}, false],
])('a fill that %s counts as far as it is known', (_title, missing, expected, isCounted) => {
  const known = Object.fromEntries(Object.entries(whole).filter(([key]) => !missing.some((name) => name === key)));
  const letter = unreadFillLetter('XRP/ETH', fill(known), 5);
  expect(Object.fromEntries(unbookedAmounts({ letters: [letter], lost: [] }))).toEqual(expected);
  expect(uncountedFills([letter], 'XRP')).toEqual(isCounted ? [] : [letter]);
  expect(uncountedFills([{ ...letter, kind: 'Order' }], 'XRP')).toEqual([]);
  expect(uncountedFills([letter], 'MX')).toEqual(isCounted || missing[0] === 'feeAsset' ? [] : [letter]);
  expect(uncountedFills([letter], 'BTC')).toEqual([]);
});

it("an order has a key of the venue's ID, else of its text, and belongs to the list of its instrument", () => {
  const letter = unreadOrderLetter('XRP/ETH', order({ venueOrderId: 'V1', price: d('2') }));
  expect(letter).toMatchObject({ kind: 'Order', id: 'listed:XRP/ETH V1', symbol: 'XRP/ETH' });
  expect(JSON.parse(letter.payload)).toEqual({ row: '{}', known: { venueOrderId: 'V1', price: '2' } });
  expect(unreadOrderLetter('XRP/ETH', order({})).id).toBe('listed:XRP/ETH row abc');
  expect(isUnreadOrderLetter(letter, 'XRP/ETH')).toBe(true);
  expect(isUnreadOrderLetter(letter, 'XRP/ET')).toBe(false);
  expect(isUnreadOrderLetter({ ...letter, id: 'c1 Adopted' }, 'XRP/ETH')).toBe(false);
  expect(isUnreadOrderLetter({ ...letter, kind: 'Fill' }, 'XRP/ETH')).toBe(false);
});
