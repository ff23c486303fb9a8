import { z } from 'zod';
import { SYMBOL_PATTERN } from '../../../services/shared/domain/instrument.ts';
import { validated } from './validation-rule.ts';

/**
 * Fields of the API. Their patterns stand as CEL rules, not as `pattern`: the API server's refusal then says what is wanted and
 * what was given. RE2, which the server uses, has no look-ahead, so "above zero" is a comparison.
 */

const PLAIN_DECIMAL = '^[0-9]{1,20}([.][0-9]{1,18})?$';

/** A decimal string above zero: prices, quantities, notionals, percents. */
export function positiveDecimalField(description: string) {
  return textField({
    description,
    maxLength: 40,
    pattern: PLAIN_DECIMAL,
    wanted: 'a decimal above zero in quotes such as "12.5"',
    aboveZero: true,
  });
}

/** A decimal string of zero or more. */
export function nonNegativeDecimalField(description: string) {
  return textField({
    description,
    maxLength: 40,
    pattern: PLAIN_DECIMAL,
    wanted: 'a decimal of zero or more in quotes such as "12.5"',
  });
}

/** CEL: one decimal is not above another. What is no decimal passes here: the field's own rule says so, and better. */
export function atMost(lower: string, upper: string): string {
  const isDecimal = (text: string): string => `${text}.matches('${PLAIN_DECIMAL}')`;
  return `!${isDecimal(lower)} || !${isDecimal(upper)} || double(${lower}) <= double(${upper})`;
}

/** A trading pair. */
export function symbolField(description: string) {
  return textField({
    description,
    maxLength: 41,
    pattern: SYMBOL_PATTERN.source.replaceAll(String.raw`\/`, '/'),
    wanted: 'BASE/QUOTE in capitals such as "XRP/ETH"',
  });
}

/** A DNS label: names of strategies. */
export function labelField(description: string, maxLength = 40) {
  return textField({
    description,
    maxLength,
    pattern: '^[a-z]([-a-z0-9]*[a-z0-9])?$',
    wanted: `at most ${maxLength} lower-case letters, digits and "-", a letter first`,
  });
}

/** The name of another object in the namespace. */
export function objectNameField(description: string) {
  return textField({
    description,
    maxLength: 253,
    pattern: '^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$',
    wanted: 'the name of an object: lower-case letters, digits, "-" and "."',
  });
}

/** A host name or address. */
export function hostField(description: string) {
  return textField({
    description,
    maxLength: 253,
    pattern: '^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$',
    wanted: 'a host name such as "redis" or "redis.example.com"',
  });
}

export interface TextFieldOptions {
  readonly description: string;
  readonly maxLength: number;
  /** Valid for RE2 and for JavaScript. */
  readonly pattern: string;
  readonly wanted: string;
  readonly aboveZero?: boolean;
}

/** A string with a pattern whose refusal names what is wanted and what was given. */
export function textField({ description, maxLength, pattern, wanted, aboveZero = false }: TextFieldOptions) {
  const expression = new RegExp(pattern);
  const matches = `self.matches('${pattern}')`;
  return z
    .string()
    .min(1)
    .max(maxLength)
    .refine((text) => expression.test(text) && (!aboveZero || /[1-9]/.test(text)), {
      error: `must be ${wanted}`,
      abort: true,
    })
    .meta({
      description,
      ...validated({
        rule: aboveZero ? `${matches} && self.matches('[1-9]')` : matches,
        message: `must be ${wanted}`,
        messageExpression: `'must be ${wanted}, not "' + self + '"'`,
      }),
    });
}

/** A whole number between bounds that the server checks too. */
export function intField(description: string, min: number, max: number) {
  return z.int().min(min).max(max).meta({ description });
}
