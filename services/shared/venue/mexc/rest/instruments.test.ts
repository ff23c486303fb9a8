import { describe, expect, test } from 'vitest';
import { parseDecimal } from '../../../domain/decimal.ts';
import { VenueReplyError } from '../../venue-reply-error.ts';
import { parseExchangeInfo } from './instruments.ts';

/** Row from the venue's documents. */
const row = {
  symbol: 'METALUSDT',
  status: '1',
  baseAsset: 'METAL',
  baseAssetPrecision: 2,
  quoteAsset: 'USDT',
  quotePrecision: 4,
  quoteAssetPrecision: 4,
  orderTypes: ['LIMIT', 'MARKET', 'LIMIT_MAKER'],
  isSpotTradingAllowed: true,
  isMarginTradingAllowed: false,
  quoteAmountPrecision: '1.000000000000000000',
  baseSizePrecision: '0.01',
  permissions: ['SPOT'],
  filters: [],
  maxQuoteAmount: '2000000.000000000000000000',
  makerCommission: '0',
  takerCommission: '0.0005',
  tradeSideType: 1,
};

describe('parseExchangeInfo', () => {
  test('reads steps, bounds and fees exactly', () => {
    expect(parseExchangeInfo({ timezone: 'CST', symbols: [row] })).toEqual({
      unreadable: [],
      listings: [
        {
          instrument: {
            symbol: 'METAL/USDT',
            base: 'METAL',
            quote: 'USDT',
            tickSize: parseDecimal('0.0001'),
            lotSize: parseDecimal('0.01'),
            minQuantity: parseDecimal('0.01'),
            minNotional: parseDecimal('1'),
            maxNotional: parseDecimal('2000000'),
            makerFee: parseDecimal('0'),
            takerFee: parseDecimal('0.0005'),
            orderTypes: ['LIMIT', 'LIMIT_MAKER'],
          },
          tradable: true,
          reason: '',
        },
      ],
    });
  });

  test.each([1e-7, '1E-7'])('reads a minimum of %j, which has an exponent as text', (quoteAmountPrecision) => {
    const { listings } = parseExchangeInfo({ symbols: [{ ...row, quoteAmountPrecision }] });
    expect(listings[0]?.instrument.minNotional).toBe(parseDecimal('0.0000001'));
  });

  test.each([
    [{ status: '2' }, /status 2/],
    [{ isSpotTradingAllowed: false }, /not allowed/],
    [{ tradeSideType: 4 }, /tradeSideType 4/],
  ])('lists a pair with %j as not tradable', (change, reason) => {
    const [listing] = parseExchangeInfo({ symbols: [{ ...row, ...change }] }).listings;
    expect(listing?.tradable).toBe(false);
    expect(listing?.reason).toMatch(reason);
  });

  test.each([
    [
      ['LIMIT', 'FILL_OR_KILL', 'STOP'],
      ['LIMIT', 'FILL_OR_KILL'],
    ],
    [[], []],
    [undefined, undefined],
    ['LIMIT', undefined],
  ])('keeps of the order types %j those that it knows', (orderTypes, kept) => {
    const [listing] = parseExchangeInfo({ symbols: [{ ...row, orderTypes }] }).listings;
    expect(listing?.tradable).toBe(true);
    expect(listing?.instrument.orderTypes).toEqual(kept);
  });

  test('names unreadable rows and keeps the others', () => {
    const odd = { ...row, symbol: 'ODDUSDT', baseAsset: 'ODD', baseAssetPrecision: 'many' };
    const { listings, unreadable } = parseExchangeInfo({ symbols: [odd, 7, row, { ...row, symbol: 'OTHER' }] });
    expect(listings.map(({ instrument }) => instrument.symbol)).toEqual(['METAL/USDT']);
    expect(unreadable).toEqual(['ODDUSDT', '?', 'OTHER']);
  });

  test.each([[null], ['<html>'], [{ code: 500, msg: 'busy' }], [{ symbols: 'none' }]])('rejects %j', (body) => {
    expect(() => parseExchangeInfo(body)).toThrow(VenueReplyError);
  });
});
