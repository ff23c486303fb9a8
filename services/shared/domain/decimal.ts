/**
 * Exact decimal number: a bigint that counts units of 10^-18, the scale of NUMERIC(38, 18) in the database. Addition,
 * subtraction and comparison are the operators of bigint (`(a + b) as Decimal`), so two equal values are always `===`.
 */
export type Decimal = bigint & { readonly __brand: 'Decimal' };

/**
 * Rounding direction of a result that does not fit the scale: towards minus infinity, towards plus infinity, or towards
 * zero.
 */
export type Rounding = 'floor' | 'ceil' | 'trunc';

export const DECIMAL_SCALE = 18;
const UNIT = 10n ** BigInt(DECIMAL_SCALE);
/** NUMERIC(38, 18) holds 20 digits before the decimal point. */
const MAX = 10n ** 38n - 1n;
const PATTERN = /^-?\d{1,20}(?:\.\d{1,18})?$/;
const SCIENTIFIC = /^(-?)(\d{1,40})(?:\.(\d{1,40}))?(?:[eE]([+-]?\d{1,2}))?$/;
/** By number of decimal places: how many units one of the last place is. */
const UNITS_OF_PLACE = Array.from({ length: DECIMAL_SCALE + 1 }, (_, places) => 10n ** BigInt(DECIMAL_SCALE - places));
/** Digits and sign of at most so many characters are a safe integer, which is read faster than a bigint. */
const SAFE_LENGTH = 15;

export const ZERO = 0n as Decimal;
export const ONE = UNIT as Decimal;

/**
 * Thrown when a text is not a decimal, a result is out of range, or a divisor is zero. `data` holds the value
 * concerned.
 */
export class DecimalError extends Error {
  readonly code: 'NotADecimal' | 'OutOfRange' | 'DivisionByZero';
  readonly data: string;

  constructor(code: DecimalError['code'], data: string) {
    super(`${code}: ${data.slice(0, 60)}`);
    this.name = 'DecimalError';
    this.code = code;
    this.data = data;
  }
}

/**
 * Parses plain notation (`-12.50`) with at most 20 digits before and 18 after the decimal point. Exponents, a `+` sign
 * and blanks are rejected. Throws DecimalError.
 */
export function parseDecimal(text: string): Decimal {
  const value = decimalOf(text);
  if (value === undefined) throw new DecimalError('NotADecimal', text);
  return value;
}

/**
 * Parses plain or scientific notation (`1E-8`), as venues write numbers, with any number of zeros: exact or not at all.
 * Throws DecimalError.
 */
export function parseScientific(text: string): Decimal {
  const plain = decimalOf(text);
  if (plain !== undefined) return plain;
  const [, sign, whole = '', fraction = '', exponent = '0'] = SCIENTIFIC.exec(text) ?? [];
  if (whole === '') throw new DecimalError('NotADecimal', text);
  const units = shifted(BigInt(whole + fraction), DECIMAL_SCALE - fraction.length + Number(exponent));
  if (units === undefined) throw new DecimalError('NotADecimal', text);
  return inRange(sign === '-' ? 0n - units : units);
}

/** Returns count x 10^places; undefined if that is no whole number. */
function shifted(count: bigint, places: number): bigint | undefined {
  if (places >= 0) return count * 10n ** BigInt(places);
  const divisor = 10n ** BigInt(0 - places);
  return count % divisor === 0n ? count / divisor : undefined;
}

/** Parses as `parseDecimal` does. Returns undefined where that throws. */
export function decimalOf(text: string): Decimal | undefined {
  if (!PATTERN.test(text)) return undefined;
  const point = text.indexOf('.');
  const places = point < 0 ? 0 : text.length - point - 1;
  const unit = UNITS_OF_PLACE[places];
  if (unit === undefined) return undefined;
  const digits = point < 0 ? text : text.slice(0, point) + text.slice(point + 1);
  const count = digits.length <= SAFE_LENGTH ? BigInt(Number(digits)) : BigInt(digits);
  return (count * unit) as Decimal;
}

/** Returns whether `parseDecimal` accepts the text. */
export function isDecimal(text: string): boolean {
  return PATTERN.test(text);
}

/** Formats in the shortest plain notation: no exponent, no trailing zeros, `0` for zero. */
export function formatDecimal(value: Decimal): string {
  const digits = (value < 0n ? 0n - value : value).toString().padStart(DECIMAL_SCALE + 1, '0');
  const point = digits.length - DECIMAL_SCALE;
  let end = digits.length;
  while (end > point && digits[end - 1] === '0') end -= 1;
  const fraction = end === point ? '' : `.${digits.slice(point, end)}`;
  return `${value < 0n ? '-' : ''}${digits.slice(0, point)}${fraction}`;
}

export function add(a: Decimal, b: Decimal): Decimal {
  return inRange(a + b);
}

export function subtract(a: Decimal, b: Decimal): Decimal {
  return inRange(a - b);
}

export function negate(a: Decimal): Decimal {
  return (0n - a) as Decimal;
}

export function absolute(a: Decimal): Decimal {
  return (a < 0n ? 0n - a : a) as Decimal;
}

/** Returns a x b. Digits beyond the 18th are rounded in the given direction. */
export function multiply(a: Decimal, b: Decimal, rounding: Rounding): Decimal {
  return inRange(divideBigint(a * b, UNIT, rounding));
}

/**
 * Returns a / b. Digits beyond the 18th are rounded in the given direction. Throws DecimalError when the divisor is
 * zero.
 */
export function divide(a: Decimal, b: Decimal, rounding: Rounding): Decimal {
  if (b === 0n) throw new DecimalError('DivisionByZero', formatDecimal(a));
  return inRange(divideBigint(a * UNIT, b, rounding));
}

/** Rounds `value` to a multiple of `step` (> 0) in the given direction. */
export function roundToStep(value: Decimal, step: Decimal, rounding: Rounding): Decimal {
  if (step <= 0n) throw new DecimalError('DivisionByZero', formatDecimal(step));
  return inRange(divideBigint(value, step, rounding) * step);
}

export function minimum(a: Decimal, b: Decimal): Decimal {
  return a < b ? a : b;
}

export function maximum(a: Decimal, b: Decimal): Decimal {
  return a > b ? a : b;
}

/** Returns the quotient of two bigints, rounded in the given direction. */
export function divideBigint(dividend: bigint, divisor: bigint, rounding: Rounding): bigint {
  const quotient = dividend / divisor;
  const remainder = dividend % divisor;
  if (remainder === 0n || rounding === 'trunc') return quotient;
  const negative = remainder < 0n !== divisor < 0n;
  if (rounding === 'floor') return negative ? quotient - 1n : quotient;
  return negative ? quotient : quotient + 1n;
}

function inRange(value: bigint): Decimal {
  if (value > MAX || value < -MAX) throw new DecimalError('OutOfRange', value.toString());
  return value as Decimal;
}
