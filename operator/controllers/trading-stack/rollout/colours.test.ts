import { expect, it } from 'vitest';
import { colourOf } from './colours.ts';

it.each([
  ['its label', { 'tradingstack.dev/colour': 'blue' }],
  ['the first colour if the label is unknown', { 'tradingstack.dev/colour': 'red' }],
  ['the first colour without a label', {}],
])('returns the colour of a pod: %s', (_what, labels) => {
  expect(colourOf({ labels })).toBe('blue');
});
