import { expect, it } from 'vitest';
import { isSameQuantity } from './quantity.ts';

it.each([
  ['0.1', '100m', true],
  ['1024Mi', '1Gi', true],
  ['0.5Gi', '512Mi', true],
  ['1', 1, true],
  ['1e3', '1k', true],
  ['1E', '1e18', true],
  ['+2', '2.000', true],
  ['-1', '1', false],
  ['1000Mi', '1Gi', false],
  ['1G', '1Gi', false],
  ['', '', false],
  ['.', '0', false],
  ['1 Gi', '1Gi', false],
  ['abc', 'abc', false],
])('reports whether %s equals %s: %s', (a, b, same) => {
  expect(isSameQuantity(a, b)).toBe(same);
});
