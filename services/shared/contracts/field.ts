import { z } from 'zod';
import { decimalOf, type Decimal } from '../domain/decimal.ts';
import { SYMBOL_PATTERN } from '../domain/instrument.ts';

/** Field schemas that messages, settings and the API share. */

interface Wanted {
  readonly accepts: (value: Decimal, text: string) => boolean;
  readonly message: string;
}

const ANY: Wanted = { accepts: () => true, message: 'must be a plain decimal such as "12.5"' };
const POSITIVE: Wanted = {
  accepts: (value) => value > 0n,
  message: 'must be a decimal above zero such as "12.5"',
};
const NON_NEGATIVE: Wanted = {
  accepts: (value, text) => value >= 0n && !text.startsWith('-'),
  message: 'must be a decimal of zero or more such as "12.5"',
};

/** Decimal string parsed to Decimal, for messages and settings. */
export const decimal = parsed(ANY);
export const positiveDecimal = parsed(POSITIVE);
export const nonNegativeDecimal = parsed(NON_NEGATIVE);

/**
 * At most `max` pairs of decimals above zero. One transformation for all: with one for each decimal, a book took
 * three times as long, and every service parses every book.
 */
export function positivePairs(max: number) {
  return z
    .array(z.tuple([z.string(), z.string()]))
    .max(max)
    .transform((pairs, context) =>
      pairs.map(([first, second], index): [Decimal, Decimal] => [
        read(first, POSITIVE, context, [index, 0]),
        read(second, POSITIVE, context, [index, 1]),
      ]),
    );
}

function parsed(wanted: Wanted) {
  return z.string().transform((text, context) => read(text, wanted, context, []));
}

/** Adds an issue at `path` for a text that is not wanted. */
function read(
  text: string,
  { accepts, message }: Wanted,
  context: z.RefinementCtx,
  path: (string | number)[],
): Decimal {
  const value = decimalOf(text);
  if (value !== undefined && accepts(value, text)) return value;
  context.addIssue({ code: 'custom', message, path });
  return z.NEVER;
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
