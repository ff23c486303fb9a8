import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimals, MAX_UNITS, positiveDecimals } from '../../../test/fixtures/arbitraries.ts';
import {
  absolute,
  add,
  DecimalError,
  divide,
  divideBigint,
  formatDecimal,
  isDecimal,
  maximum,
  minimum,
  multiply,
  negate,
  parseDecimal,
  roundToStep,
  subtract,
  type Decimal,
  type Rounding,
} from './decimal.ts';

const roundings = fc.constantFrom<Rounding>('floor', 'ceil', 'trunc');
const UNIT = 10n ** 18n;
/** Magnitudes whose products and quotients still fit. */
const small = decimals(10n ** 27n);

describe('text', () => {
  it.each([
    ['0', 0n],
    ['-0', 0n],
    ['0.000000000000000001', 1n],
    ['-12.50', -125n * 10n ** 17n],
    ['007', 7n * UNIT],
    ['99999999999999999999.999999999999999999', MAX_UNITS],
  ])('reads %s', (text, units) => expect(parseDecimal(text)).toBe(units));

  it.each(['', ' 1', '1 ', '+1', '1e3', '1.', '.5', '1,5', 'NaN', 'Infinity', '0x10', '1_000', '--1', '١'])(
    'refuses "%s"',
    (text) => {
      expect(isDecimal(text)).toBe(false);
      expect(() => parseDecimal(text)).toThrow(DecimalError);
    },
  );

  it.each(['0.0000000000000000001', '100000000000000000000', '1'.repeat(10_000)])(
    'refuses digits beyond the scale: %s',
    (text) => {
      expect(() => parseDecimal(text)).toThrow(expect.objectContaining({ code: 'NotADecimal' }));
    },
  );

  it('comes back as the same number, in its shortest form', () => {
    fc.assert(
      fc.property(decimals(), (value) => {
        const text = formatDecimal(value);
        expect(parseDecimal(text)).toBe(value);
        expect(text).toMatch(/^-?(?:0|[1-9]\d*)(?:\.\d*[1-9])?$/);
        expect(text).not.toBe('-0');
      }),
    );
  });

  it('reads every notation of plain digits as the fraction it spells', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^-?\d{1,20}\.\d{1,18}$/), (text) => {
        const digits = text.length - text.indexOf('.') - 1;
        const spelt = BigInt(text.replace('.', ''));
        expect(parseDecimal(text) * 10n ** BigInt(digits)).toBe(spelt * UNIT);
      }),
    );
  });
});

describe('rounding', () => {
  /** The definition, over exact fractions: the integer next to dividend / divisor in the direction told. */
  function isNearest(result: bigint, [dividend, divisor]: readonly [bigint, bigint], rounding: Rounding): boolean {
    const [over, under] = divisor < 0n ? [-dividend, -divisor] : [dividend, divisor];
    const truncated = over < 0n ? 'ceil' : 'floor';
    const direction = rounding === 'trunc' ? truncated : rounding;
    const distance = direction === 'floor' ? over - result * under : result * under - over;
    return distance >= 0n && distance < under;
  }

  it('divides to the nearest integer in its direction', () => {
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

  it('multiplies and divides as fractions do', () => {
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

  it('finds the multiple of a step next to the value', () => {
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
  ] as const)('takes %s in steps of %s, %s, to %s', (value, step, rounding, expected) => {
    expect(formatDecimal(roundToStep(parseDecimal(value), parseDecimal(step), rounding))).toBe(expected);
  });
});

describe('arithmetic', () => {
  it('adds and subtracts exactly, and orders as numbers do', () => {
    fc.assert(
      fc.property(small, small, (a, b) => {
        expect(subtract(add(a, b), b)).toBe(a);
        expect(add(a, negate(a))).toBe(0n);
        expect(absolute(negate(a))).toBe(absolute(a));
        expect([minimum(a, b), maximum(a, b)]).toEqual(a < b ? [a, b] : [b, a]);
      }),
    );
  });

  it('throws where the result does not fit, and never wraps', () => {
    const most = MAX_UNITS as Decimal;
    const outOfRange = expect.objectContaining({ code: 'OutOfRange' });
    expect(() => add(most, 1n as Decimal)).toThrow(outOfRange);
    expect(() => subtract(negate(most), 1n as Decimal)).toThrow(outOfRange);
    expect(() => multiply(most, parseDecimal('1.1'), 'floor')).toThrow(outOfRange);
    expect(() => divide(most, parseDecimal('0.1'), 'floor')).toThrow(outOfRange);
  });

  it('throws on a divisor or a step of zero', () => {
    const divisionByZero = expect.objectContaining({ code: 'DivisionByZero' });
    expect(() => divide(1n as Decimal, 0n as Decimal, 'floor')).toThrow(divisionByZero);
    expect(() => roundToStep(1n as Decimal, 0n as Decimal, 'floor')).toThrow(divisionByZero);
    expect(() => roundToStep(1n as Decimal, -1n as Decimal, 'floor')).toThrow(divisionByZero);
  });
});
