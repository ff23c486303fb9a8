import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimals, positiveDecimals } from '../../../test/fixtures/arbitraries.ts';
import { divide, divideBigint, formatDecimal, multiply, parseDecimal, roundToStep, type Rounding } from './decimal.ts';

const roundings = fc.constantFrom<Rounding>('floor', 'ceil', 'trunc');
const UNIT = 10n ** 18n;
/** Magnitudes whose products and quotients are still in range. */
const small = decimals(10n ** 27n);

describe('rounding', () => {
  /** The definition over exact fractions: the integer nearest to dividend / divisor in the given direction. */
  function isNearest(result: bigint, [dividend, divisor]: readonly [bigint, bigint], rounding: Rounding): boolean {
    const [over, under] = divisor < 0n ? [-dividend, -divisor] : [dividend, divisor];
    const truncated = over < 0n ? 'ceil' : 'floor';
    const direction = rounding === 'trunc' ? truncated : rounding;
    const distance = direction === 'floor' ? over - result * under : result * under - over;
    return distance >= 0n && distance < under;
  }

  it('rounds a quotient to the nearest integer in the given direction', () => {
    fc.assert(
      fc.property(
        fc.bigInt(),
        fc.bigInt().filter((divisor) => divisor !== 0n),
        roundings,
        (dividend, divisor, rounding) => {
          expect(isNearest(divideBigint(dividend, divisor, rounding), [dividend, divisor], rounding)).toBe(true);
        },
      ),
    );
  });

  it('rounds products and quotients of exact fractions', () => {
    fc.assert(
      fc.property(small, small, roundings, (a, b, rounding) => {
        expect(isNearest(multiply(a, b, rounding), [a * b, UNIT], rounding)).toBe(true);
      }),
    );
    fc.assert(
      fc.property(
        small,
        positiveDecimals(10n ** 27n).filter((b) => b > 10n ** 9n),
        roundings,
        (a, b, rounding) => {
          expect(isNearest(divide(a, b, rounding), [a * UNIT, b], rounding)).toBe(true);
        },
      ),
    );
  });

  it('rounds to the nearest multiple of a step in the given direction', () => {
    fc.assert(
      fc.property(small, positiveDecimals(10n ** 20n), roundings, (value, step, rounding) => {
        const rounded = roundToStep(value, step, rounding);
        expect(rounded % step).toBe(0n);
        expect(isNearest(rounded / step, [value, step], rounding)).toBe(true);
        expect(roundToStep(rounded, step, rounding)).toBe(rounded);
      }),
    );
  });

  it.each([
    ['1.5', '1', 'floor', '1'],
    ['1.5', '1', 'ceil', '2'],
    ['-1.5', '1', 'floor', '-2'],
    ['-1.5', '1', 'ceil', '-1'],
    ['-1.5', '1', 'trunc', '-1'],
    ['0.00123', '0.00001', 'floor', '0.00123'],
  ] as const)('rounds %s in steps of %s (%s) to %s', (value, step, rounding, expected) => {
    expect(formatDecimal(roundToStep(parseDecimal(value), parseDecimal(step), rounding))).toBe(expected);
  });
});
