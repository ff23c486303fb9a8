import { z } from 'zod';
import { SYMBOL_PATTERN } from '../../../services/shared/domain/instrument.ts';
import { validated } from './validation-rule.ts';

/**
 * Fields of the API. Patterns are CEL rules instead of `pattern`, so that the error of the API server names both the
 * expected form and the given value. The server uses RE2, which has no look-ahead, so "greater than zero" is a second
 * match.
 */

const PLAIN_DECIMAL = '^[0-9]{1,20}([.][0-9]{1,18})?$';

/** A decimal string greater than zero: prices, quantities, notionals, percentages. */
export function positiveDecimalField(description: string) {
  return textField({
    description,
    maxLength: 40,
    pattern: PLAIN_DECIMAL,
    wanted: 'a quoted decimal greater than zero, such as "12.5"',
    aboveZero: true,
  });
}

/** A decimal string greater than or equal to zero. */
export function nonNegativeDecimalField(description: string) {
  return textField({
    description,
    maxLength: 40,
    pattern: PLAIN_DECIMAL,
    wanted: 'a quoted decimal greater than or equal to zero, such as "12.5"',
  });
}

/**
 * CEL expression: `lower` does not exceed `upper`. Values that are not decimals pass, because the rule of the
 * field itself reports them with a better message.
 */
export function atMost(lower: string, upper: string): string {
  const isDecimal = (text: string): string => `${text}.matches('${PLAIN_DECIMAL}')`;
  return `!${isDecimal(lower)} || !${isDecimal(upper)} || double(${lower}) <= double(${upper})`;
}

/** A trading pair, such as `XRP/ETH`. */
export function symbolField(description: string) {
  return textField({
    description,
    maxLength: 41,
    pattern: SYMBOL_PATTERN.source.replaceAll(String.raw`\/`, '/'),
    wanted: 'BASE/QUOTE in upper case, such as "XRP/ETH"',
  });
}

/** A percentage greater than zero with at most `digits` digits before the point. */
export function percentField(description: string, digits: number) {
  return textField({
    description,
    maxLength: 40,
    pattern: `^[0-9]{1,${digits}}([.][0-9]{1,18})?$`,
    wanted: `a quoted percentage greater than zero and less than ${10 ** digits}, such as "2.5"`,
    aboveZero: true,
  });
}

/** An asset, such as `USDT`. */
export function assetField(description: string) {
  return textField({
    description,
    maxLength: 20,
    pattern: '^[A-Z0-9]{1,20}$',
    wanted: 'an asset in upper case, such as "USDT"',
  });
}

/** A DNS label, such as the name of a strategy. */
export function labelField(description: string, maxLength = 40) {
  return textField({
    description,
    maxLength,
    pattern: '^[a-z]([-a-z0-9]*[a-z0-9])?$',
    wanted: `at most ${maxLength} lower-case letters, digits and "-", starting with a letter`,
  });
}

/** The name of another object in the same namespace. */
export function objectNameField(description: string) {
  return textField({
    description,
    maxLength: 253,
    pattern: '^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$',
    wanted: 'an object name: lower-case letters, digits, "-" and "."',
  });
}

/** A host name or IP address. */
export function hostField(description: string) {
  return textField({
    description,
    maxLength: 253,
    pattern: '^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$',
    wanted: 'a host name, such as "redis" or "redis.example.com"',
  });
}

export interface TextFieldOptions {
  readonly description: string;
  readonly maxLength: number;
  /** Valid in both RE2 and JavaScript. */
  readonly pattern: string;
  /** Completes "must be ..." in the error message. */
  readonly wanted: string;
  readonly aboveZero?: boolean;
  /** An ending that the pattern allows and that is refused. */
  readonly unwanted?: { readonly ending: string; readonly message: string };
}

/** A string with a pattern. The error names the expected form and the given value. */
export function textField({ description, maxLength, pattern, wanted, aboveZero = false, unwanted }: TextFieldOptions) {
  const expression = new RegExp(pattern);
  const matches = `self.matches('${pattern}')`;
  const refused =
    unwanted === undefined ? [] : [{ rule: `!self.endsWith('${unwanted.ending}')`, message: unwanted.message }];
  return z
    .string()
    .min(1)
    .max(maxLength)
    .refine((text) => expression.test(text) && (!aboveZero || /[1-9]/.test(text)), {
      error: `must be ${wanted}`,
      abort: true,
    })
    .refine((text) => unwanted === undefined || !text.endsWith(unwanted.ending), { error: unwanted?.message ?? '' })
    .meta({
      description,
      ...validated(
        {
          rule: aboveZero ? `${matches} && self.matches('[1-9]')` : matches,
          message: `must be ${wanted}`,
          messageExpression: `'must be ${wanted}, not "' + self + '"'`,
        },
        ...refused,
      ),
    });
}

/** An integer between `min` and `max`, both inclusive and checked by the API server too. */
export function intField(description: string, min: number, max: number) {
  return z.int().min(min).max(max).meta({ description });
}
