import { expect, it } from 'vitest';
import { parseDecimal } from '../decimal.ts';
import { isOutbid } from './requote-terms.ts';

const terms = { above: parseDecimal('10'), fromMs: 100, untilMs: 200 };

it.each([
  ['10.1', 100, true],
  ['10.1', 199, true],
  ['10.1', 99, false],
  ['10.1', 200, false],
  ['10', 150, false],
  ['9', 150, false],
  [undefined, 150, false],
])('an order is outbid by a best bid of %s at %d: %s', (bid, nowMs, outbid) => {
  expect(isOutbid(terms, bid === undefined ? undefined : parseDecimal(bid), nowMs)).toBe(outbid);
});
