import { expect, it } from 'vitest';
import { TRADING_STATE_ANNOTATION } from '../labels.ts';
import { annotatedState } from './annotated-state.ts';
import { restrictionOf } from './switches.ts';

it.each([
  [undefined, 'Active'],
  ['Active', 'Active'],
  ['active', 'Active'],
  ['flattening', 'Flattening'],
  ['REDUCING', 'Reducing'],
  ['halted', 'Halted'],
  ['flaten', undefined],
  ['', undefined],
] as const)('reads the annotation %j as %s, whatever its case', (value, state) => {
  expect(annotatedState(value)).toBe(state);
  const annotations: Record<string, string> = value === undefined ? {} : { [TRADING_STATE_ANNOTATION]: value };
  const halted = restrictionOf({ halt: true });
  const expected = { Active: 0, Reducing: 1, Flattening: 2, Halted: halted }[state ?? 'Halted'];
  expect(restrictionOf({}, annotations)).toBe(expected);
});
