import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimals, MAX_UNITS } from '../../../test/fixtures/arbitraries.ts';
import {
  absolute,
  add,
  decimalOf,
  DecimalError,
  divide,
  formatDecimal,
  isDecimal,
  maximum,
  minimum,
  multiply,
  negate,
  parseDecimal,
  parseScientific,
  roundToStep,
  subtract,
  type Decimal,
} from './decimal.ts';

const UNIT = 10n ** 18n;
/** Magnitudes whose sums are still in range. */
const small = decimals(10n ** 27n);

describe('parseDecimal and formatDecimal', () => {
  it.each([
    ['0', 0n],
    ['-0', 0n],
    ['0.000000000000000001', 1n],
    ['-12.50', -125n * 10n ** 17n],
    ['007', 7n * UNIT],
    ['-0.0', 0n],
    // Above 2^53 a number cannot hold every integer.
    ['99999999999.9999', 999_999_999_999_999n * 10n ** 14n],
    ['-9999999999.9999', -99_999_999_999_999n * 10n ** 14n],
    ['9007199254740993', 9_007_199_254_740_993n * UNIT],
    ['-900719925474099.3', -9_007_199_254_740_993n * 10n ** 17n],
    ['9.007199254740993', 9_007_199_254_740_993n * 10n ** 3n],
    ['99999999999999999999.999999999999999999', MAX_UNITS],
  ])('parses %s', (text, units) => expect(parseDecimal(text)).toBe(units));

  it.each([
    ['-12.50', '-12.5'],
    ['1E-8', '0.00000001'],
    ['1e-18', '0.000000000000000001'],
    ['-2.5e+3', '-2500'],
    ['1.20E1', '12'],
    ['0E-30', '0'],
    ['1.0000000000000000000000', '1'],
    ['0000000000000000000000001', '1'],
    ['100e-20', '0.000000000000000001'],
    ['9.9999999999999999999E19', '99999999999999999999'],
  ])('parses %s as a venue writes it', (text, expected) => {
    expect(formatDecimal(parseScientific(text))).toBe(expected);
  });

  it.each([
    '',
    '1e',
    'e3',
    '1E-19',
    '1.0000000000000000001',
    '1e20',
    '-1E20',
    '2e99',
    '1e-99',
    '1e100',
    '+1',
    '0x1',
    'NaN',
  ])('does not parse "%s", which is no decimal or would have to be rounded', (text) => {
    expect(() => parseScientific(text)).toThrow(DecimalError);
  });

  it.each(['', ' 1', '1 ', '+1', '1e3', '1.', '.5', '1,5', 'NaN', 'Infinity', '0x10', '1_000', '--1', '١'])(
    'rejects "%s"',
    (text) => {
      expect(isDecimal(text)).toBe(false);
      expect(decimalOf(text)).toBeUndefined();
      expect(() => parseDecimal(text)).toThrow(DecimalError);
    },
  );

  it.each(['0.0000000000000000001', '100000000000000000000', '1'.repeat(10_000)])(
    'rejects digits beyond the scale: %s',
    (text) => {
      expect(() => parseDecimal(text)).toThrow(expect.objectContaining({ code: 'NotADecimal' }));
    },
  );

  it('formats a number in its shortest form and parses it back to the same number', () => {
    fc.assert(
      fc.property(decimals(), (value) => {
        const text = formatDecimal(value);
        expect(parseDecimal(text)).toBe(value);
        expect(text).toMatch(/^-?(?:0|[1-9]\d*)(?:\.\d*[1-9])?$/);
        expect(text).not.toBe('-0');
      }),
    );
  });

  it('parses any plain notation to the exact fraction', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.stringMatching(/^-?\d{1,20}\.\d{1,18}$/), fc.stringMatching(/^-?\d{1,8}\.\d{1,9}$/)),
        (text) => {
          const digits = text.length - text.indexOf('.') - 1;
          const digitsAsInteger = BigInt(text.replace('.', ''));
          expect(parseDecimal(text) * 10n ** BigInt(digits)).toBe(digitsAsInteger * UNIT);
        },
      ),
    );
  });
});

describe('arithmetic', () => {
  it('adds, subtracts and compares exactly', () => {
    fc.assert(
      fc.property(small, small, (a, b) => {
        expect(subtract(add(a, b), b)).toBe(a);
        expect(add(a, negate(a))).toBe(0n);
        expect(absolute(negate(a))).toBe(absolute(a));
        expect([minimum(a, b), maximum(a, b)]).toEqual(a < b ? [a, b] : [b, a]);
      }),
    );
  });

  it('throws when the result is out of range, and never wraps', () => {
    const max = MAX_UNITS as Decimal;
    const outOfRange = expect.objectContaining({ code: 'OutOfRange' });
    expect(() => add(max, 1n as Decimal)).toThrow(outOfRange);
    expect(() => subtract(negate(max), 1n as Decimal)).toThrow(outOfRange);
    expect(() => multiply(max, parseDecimal('1.1'), 'floor')).toThrow(outOfRange);
    expect(() => divide(max, parseDecimal('0.1'), 'floor')).toThrow(outOfRange);
  });

  it('rejects a zero divisor and a step that is not positive', () => {
    const divisionByZero = expect.objectContaining({ code: 'DivisionByZero' });
    expect(() => divide(1n as Decimal, 0n as Decimal, 'floor')).toThrow(divisionByZero);
    expect(() => roundToStep(1n as Decimal, 0n as Decimal, 'floor')).toThrow(divisionByZero);
    expect(() => roundToStep(1n as Decimal, -1n as Decimal, 'floor')).toThrow(divisionByZero);
  });
});
