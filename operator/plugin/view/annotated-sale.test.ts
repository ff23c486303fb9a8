import { expect, it } from 'vitest';
import { annotatedSale } from './annotated-sale.ts';

it.each([
  ['Flattening', 'Flattening', 'Requested'],
  ['Flattening', undefined, 'Requested'],
  ['Flattening', 'Active', 'Requested'],
  ['Flattening', 'Reducing', 'Requested'],
  ['Flattening', 'Halted', 'OverHalt'],
  ['Active', 'Flattening', 'Requested'],
  ['Active', 'Halted', 'None'],
  ['Active', undefined, 'None'],
  ['Halted', 'Flattening', 'Replaced'],
  ['Reducing', 'Flattening', 'Replaced'],
  ['Halted', 'Halted', 'None'],
  ['Reducing', undefined, 'None'],
] as const)('the annotation shows %s, on record is %s: %s', (shown, recorded, sale) => {
  expect(annotatedSale(shown, recorded)).toBe(sale);
});
