import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instruments, positiveDecimals } from '../../../test/fixtures/arbitraries.ts';
import { formatDecimal, parseDecimal, type Decimal, type Rounding } from './decimal.ts';
import {
  assetsOf,
  fromLots,
  fromTicks,
  lots,
  notionalOf,
  stepOfDecimals,
  StepError,
  SYMBOL_PATTERN,
  ticks,
  toLots,
  toTicks,
} from './instrument.ts';

const counts = fc.integer({ min: 0, max: 10 ** 12 });
const directions = fc.constantFrom<Rounding>('floor', 'ceil', 'trunc');

describe('ticks and lots', () => {
  it('converts a count to an amount and back to the same count', () => {
    fc.assert(
      fc.property(instruments(), counts, (instrument, count) => {
        expect(toTicks(fromTicks(ticks(count), instrument), instrument)).toBe(count);
        expect(toLots(fromLots(lots(count), instrument), instrument)).toBe(count);
      }),
    );
  });

  it('rounds by less than one step, in the given direction', () => {
    fc.assert(
      fc.property(instruments(), positiveDecimals(10n ** 24n), directions, (instrument, price, rounding) => {
        const rounded = fromTicks(toTicks(price, instrument, rounding), instrument);
        const distance = rounding === 'ceil' ? rounded - price : price - rounded;
        expect(distance >= 0n && distance < instrument.tickSize).toBe(true);
      }),
    );
  });

  it('rejects an amount between two steps when no rounding is given', () => {
    fc.assert(
      fc.property(
        instruments().filter(({ tickSize }) => tickSize > 1n),
        counts,
        (instrument, count) => {
          const between = (fromTicks(ticks(count), instrument) + 1n) as Decimal;
          expect(() => toTicks(between, instrument)).toThrow(
            expect.objectContaining({ code: 'BetweenSteps', message: expect.stringContaining(formatDecimal(between)) }),
          );
        },
      ),
    );
  });

  it.each([2 ** 53, Number.NaN, Number.POSITIVE_INFINITY, 0.5])('rejects a count of %d', (count) => {
    expect(() => ticks(count)).toThrow(StepError);
    expect(() => lots(count)).toThrow(StepError);
  });

  it('rejects an amount whose count exceeds the safe integers', () => {
    fc.assert(
      fc.property(
        instruments().filter(({ lotSize }) => lotSize <= 10n ** 12n),
        (instrument) => {
          const quantity = (2n ** 53n * instrument.lotSize) as Decimal;
          expect(() => toLots(quantity, instrument)).toThrow(expect.objectContaining({ code: 'NotASafeInteger' }));
        },
      ),
    );
  });
});

describe('notional', () => {
  it('is exact for prices in ticks and quantities in lots', () => {
    fc.assert(
      fc.property(instruments(), fc.nat(10 ** 6), fc.nat(10 ** 6), (instrument, price, quantity) => {
        const exact = BigInt(price) * BigInt(quantity) * instrument.tickSize * instrument.lotSize;
        const notional = notionalOf(fromTicks(ticks(price), instrument), fromLots(lots(quantity), instrument));
        expect(notional * 10n ** 18n).toBe(exact);
      }),
    );
  });
});

describe('symbols', () => {
  it.each([
    ['XRP/ETH', true],
    ['1INCH/USDT', true],
    ['XRPETH', false],
    ['xrp/eth', false],
    ['XRP/', false],
    ['A/B/C', false],
    [`${'A'.repeat(21)}/B`, false],
  ])('accepts %s: %s', (text, ok) => expect(SYMBOL_PATTERN.test(text)).toBe(ok));

  it('splits into base and quote asset', () => {
    expect(assetsOf('XRP/ETH')).toEqual({ base: 'XRP', quote: 'ETH' });
  });

  it.each([
    [0, '1'],
    [1, '0.1'],
    [8, '0.00000001'],
    [18, '0.000000000000000001'],
  ])('converts a precision of %d decimals to a step of %s', (places, text) =>
    expect(stepOfDecimals(places)).toBe(parseDecimal(text)),
  );
});
