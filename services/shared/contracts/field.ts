import { z } from 'zod';
import { parseDecimal, type Decimal } from '../domain/decimal.ts';
import { SYMBOL_PATTERN } from '../domain/instrument.ts';

/** Field schemas that messages, settings and the API share. */

const DECIMAL_PATTERN = /^-?\d{1,20}(\.\d{1,18})?$/;
const POSITIVE_PATTERN = /^(?=.*[1-9])\d{1,20}(\.\d{1,18})?$/;
const NON_NEGATIVE_PATTERN = /^\d{1,20}(\.\d{1,18})?$/;
const DECIMAL_WANTED = 'must be a plain decimal such as "12.5"';
const POSITIVE_WANTED = 'must be a decimal above zero such as "12.5"';
const NON_NEGATIVE_WANTED = 'must be a decimal of zero or more such as "12.5"';

/** Decimal string parsed to Decimal, for messages and settings. */
export const decimal = parsed(DECIMAL_PATTERN, DECIMAL_WANTED);
export const positiveDecimal = parsed(POSITIVE_PATTERN, POSITIVE_WANTED);
export const nonNegativeDecimal = parsed(NON_NEGATIVE_PATTERN, NON_NEGATIVE_WANTED);

/** One step instead of checks and a transformation: every book has dozens of decimals, and each service parses it. */
function parsed(pattern: RegExp, wanted: string) {
  return z.string().transform((text, context): Decimal => {
    if (pattern.test(text)) return parseDecimal(text);
    context.addIssue({ code: 'custom', message: wanted });
    return z.NEVER;
  });
}

/**
 * Most instruments of a stack. The venue carries 30 streams on a connection and two for each instrument, so ws opens a
 * connection for each 15 instruments: two at most.
 */
export const SYMBOLS_MAX = 30;
/** An asset, such as `XRP`. */
export const asset = z.string().regex(/^[A-Z0-9]{1,20}$/, 'must be an asset in capitals, such as "USDT"');
export const symbol = z.string().regex(SYMBOL_PATTERN, 'must be BASE/QUOTE in capitals, such as "XRP/ETH"');
export const side = z.enum(['buy', 'sell']);
/** UTC milliseconds since the epoch. */
export const timeMs = z.int().min(0).max(8_640_000_000_000_000);
export const count = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
/** Name of a strategy or a stack: a DNS label. */
export const label = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'must be lower-case letters, digits and "-"');
export const clientOrderId = z.string().regex(/^[a-z0-9]{1,32}$/);
