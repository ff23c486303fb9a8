import { expect, it } from 'vitest';
import { parseDecimal } from '../../../shared/domain/decimal.ts';
import { canaryStatusOf, isOutsideCanary, isSameCanary } from './canary.ts';

const maxNotional = parseDecimal('10');
const TERMS = { since: 4, maxNotional };

it.each([
  ['no canaries', undefined, undefined, true],
  ['one that begins', undefined, TERMS, false],
  ['one that is lifted', TERMS, undefined, false],
  ['a repeat', TERMS, { ...TERMS }, true],
  ['another cap', TERMS, { ...TERMS, maxNotional: parseDecimal('9') }, false],
  ['another first epoch', TERMS, { ...TERMS, since: 5 }, false],
  ['fewer instruments', TERMS, { ...TERMS, symbols: ['XRP/ETH'] }, false],
  ['the same instruments', { ...TERMS, symbols: ['XRP/ETH'] }, { ...TERMS, symbols: ['XRP/ETH'] }, true],
])('compares %s', (_what, left, right, isSame) => {
  expect(isSameCanary(left, right)).toBe(isSame);
});

it.each([
  ['a buy without a canary', { side: 'buy' }, undefined, false],
  ['a buy that an earlier canary counted, without a canary', { side: 'buy', canary: 2 }, undefined, false],
  ['a buy that was not counted', { side: 'buy' }, TERMS, true],
  ['a buy that another canary counted', { side: 'buy', canary: 3 }, TERMS, true],
  ['a buy that was counted', { side: 'buy', canary: 4 }, TERMS, false],
  ['a sale', { side: 'sell' }, TERMS, false],
] as const)('judges %s', (_what, order, terms, isOutside) => {
  expect(isOutsideCanary(order, terms)).toBe(isOutside);
});

it('is reported in decimals', () => {
  expect(canaryStatusOf({ ...TERMS, symbols: ['XRP/ETH'] })).toEqual({
    since: 4,
    maxNotional: '10',
    symbols: ['XRP/ETH'],
  });
  expect(canaryStatusOf(undefined)).toBeNull();
});
