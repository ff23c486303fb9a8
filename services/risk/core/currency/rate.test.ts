import { assert, bigInt, property, type Arbitrary } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDecimal, parseDecimal, type Decimal } from '../../../shared/domain/decimal.ts';
import { fromCurrency, onlyQuote, rateOf, toCurrency, type RateSource } from './rate.ts';

const d = parseDecimal;
const SYMBOLS = ['BTC/USDT', 'ETH/BTC', 'EUR/USDT', 'DOGE/SHIB'];
const MARKS = new Map([
  ['BTC/USDT', d('60000')],
  ['ETH/BTC', d('0.05')],
  ['EUR/USDT', d('1.25')],
]);

function source(currency: string | undefined, change: Partial<RateSource> = {}): RateSource {
  return { currency, symbols: SYMBOLS, marks: MARKS, ...change };
}

/** Value of 3 units of an asset, or what is missing. */
function valueOf(asset: string, from: RateSource): string {
  const rate = rateOf(asset, from);
  return rate.kind === 'Rate' ? formatDecimal(toCurrency(d('3'), rate, 'floor') as Decimal) : rate.detail;
}

describe('the rate of an asset', () => {
  it.each([
    ['the currency itself, which needs no price', 'USDT', source('USDT', { marks: new Map() }), '3'],
    ['a pair with the currency as its quote', 'BTC', source('USDT'), '180000'],
    ['a pair with the currency as its base', 'USDT', source('EUR'), '2.4'],
    ['two pairs, one after the other', 'ETH', source('USDT'), '9000'],
    ['two pairs, the second one in reverse', 'BTC', source('EUR'), '144000'],
    ['two pairs, the first one in reverse', 'BTC', source('ETH', { symbols: ['ETH/BTC'] }), '60'],
  ])('follows from %s', (_what, asset, from, value) => {
    expect(valueOf(asset, from)).toBe(value);
  });

  it.each([
    ['the pair that has no live price', 'ETH', new Map([['ETH/BTC', d('0.05')]]), /^no live price of BTC\/USDT to/],
    ['all pairs without a live price', 'ETH', new Map<string, Decimal>(), /^no live price of ETH\/BTC, BTC\/USDT to/],
    [
      'a pair whose price is zero',
      'BTC',
      new Map([['BTC/USDT', d('0')]]),
      /^no live price of BTC\/USDT to convert BTC/,
    ],
    ['a pair that would convert it, where none does', 'DOGE', MARKS, /^no configured pair .* such as DOGE\/USDT$/],
    ['the pair, where three would be needed', 'EUR', MARKS, /^no configured pair converts EUR to ETH/],
  ])('is missing and names %s', (_what, asset, marks, detail) => {
    const currency = asset === 'EUR' ? 'ETH' : 'USDT';
    expect(valueOf(asset, source(currency, { marks }))).toMatch(detail);
  });

  it('is missing while the pairs have several quote assets and no currency is set', () => {
    expect(valueOf('USDT', source(undefined))).toMatch(/^risk.currency is not set/);
  });

  it('takes another way while the shortest one has no live price', () => {
    const symbols = ['ETH/USDT', ...SYMBOLS];
    expect(valueOf('ETH', source('USDT', { symbols }))).toBe('9000');
    const marks = new Map([...MARKS, ['ETH/USDT', d('3100')]]);
    expect(valueOf('ETH', source('USDT', { symbols, marks }))).toBe('9300');
  });
});

it('finds the only quote asset of the pairs', () => {
  expect(onlyQuote(['XRP/ETH', 'BTC/ETH'])).toBe('ETH');
  expect(onlyQuote(['XRP/ETH', 'BTC/USDT'])).toBeUndefined();
});

const price = bigInt({ min: 1n, max: 10n ** 30n }) as Arbitrary<Decimal>;
const amount = bigInt({ min: 0n, max: 10n ** 38n - 1n });

it('never gains by a conversion there and back, and loses less than one step of each', () => {
  assert(
    property(price, price, amount, (btc, eth, value) => {
      const marks = new Map([
        ['BTC/USDT', btc],
        ['ETH/BTC', eth],
      ]);
      const rate = rateOf('ETH', source('USDT', { marks }));
      if (rate.kind !== 'Rate') throw new Error('there is a rate');
      const there = toCurrency(value, rate, 'floor');
      const back = fromCurrency(there, rate, 'floor');
      expect(back).toBeLessThanOrEqual(value);
      expect(toCurrency(value, rate, 'ceil') - there).toBeLessThanOrEqual(1n);
      expect(fromCurrency(there + 1n, rate, 'ceil')).toBeGreaterThanOrEqual(value);
    }),
  );
});

it('values an asset by an inverse pair as by the pair', () => {
  assert(
    property(price, amount, (mark, value) => {
      const rate = rateOf('BTC', source('USDT', { symbols: ['BTC/USDT'], marks: new Map([['BTC/USDT', mark]]) }));
      const inverse = rateOf('USDT', source('BTC', { symbols: ['BTC/USDT'], marks: new Map([['BTC/USDT', mark]]) }));
      if (rate.kind !== 'Rate' || inverse.kind !== 'Rate') throw new Error('there is a rate');
      expect(toCurrency(value, rate, 'floor')).toBe(fromCurrency(value, inverse, 'floor'));
    }),
  );
});
