import { expect, test } from 'vitest';
import { foldPairProblems, type PairProblem } from './pair-problems.ts';

const stale: PairProblem = { symbol: 'ADA/ETH', reason: 'FeedStale', message: 'no depth' };
const gone: PairProblem = { symbol: 'GONE/ETH', reason: 'SymbolUnknown', message: 'not listed' };

test.each([
  [2, [], { ok: true, reason: 'Ok', message: '' }],
  [0, [], { ok: true, reason: 'Ok', message: '' }],
  [2, [stale], { ok: true, reason: 'FeedStale', message: 'ADA/ETH: no depth' }],
  [3, [gone, stale], { ok: true, reason: 'SymbolUnknown', message: 'GONE/ETH: not listed; ADA/ETH: no depth' }],
  [2, [gone, stale], { ok: false, reason: 'SymbolUnknown', message: 'GONE/ETH: not listed; ADA/ETH: no depth' }],
  [1, [stale], { ok: false, reason: 'FeedStale', message: 'ADA/ETH: no depth' }],
])('of %i pairs with the problems %j: %j', (pairs, problems, expected) => {
  expect(foldPairProblems(pairs, problems)).toEqual(expected);
});
