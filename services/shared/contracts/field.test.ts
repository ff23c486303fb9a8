import { expect, it } from 'vitest';
import { decimal, nonNegativeDecimal, positiveDecimal } from './field.ts';

it.each<[text: string, fields: readonly string[]]>([
  ['12.5', ['decimal', 'non-negative', 'positive']],
  ['0', ['decimal', 'non-negative']],
  ['0.000', ['decimal', 'non-negative']],
  ['-0', ['decimal']],
  ['-1', ['decimal']],
  ['1e3', []],
  ['', []],
])('"%s" is accepted as %j', (text, fields) => {
  const schemas = { decimal, 'non-negative': nonNegativeDecimal, positive: positiveDecimal };
  const accepting = Object.entries(schemas).filter(([, schema]) => schema.safeParse(text).success);
  expect(accepting.map(([name]) => name)).toEqual(fields);
});
