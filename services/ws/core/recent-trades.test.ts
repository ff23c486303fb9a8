import { expect, test } from 'vitest';
import { listedSince } from './recent-trades.ts';

const list = (times: readonly number[], isFull = false) => ({ trades: times.map((time) => ({ time })), isFull });
const known = { newest: 5, started: 1 };
const nothing = { newest: undefined, started: 5 };

test.each([
  ['reaches back', list([4, 5, 6, 7], true), known, { since: [5, 6, 7], reaches: true }],
  ['has nothing new', list([3, 5]), known, { since: [5], reaches: true }],
  ['has only older trades', list([3, 4]), known, { since: [], reaches: true }],
  ['begins after what is known', list([6, 7], true), known, { since: [6, 7], reaches: false }],
  ['is short and begins after what is known', list([6, 7]), known, { since: [6, 7], reaches: false }],
  ['is empty although a trade is known', list([]), known, { since: [], reaches: false }],
  ['is empty before any trade', list([]), nothing, { since: [], reaches: true }],
  ['is short before any trade is known', list([6]), nothing, { since: [6], reaches: true }],
  ['is full of newer trades before any is known', list([6, 7], true), nothing, { since: [6, 7], reaches: false }],
  ['reaches back before the start', list([4, 6], true), nothing, { since: [6], reaches: true }],
])('a list that %s', (_what, trades, knowledge, { since, reaches }) => {
  const result = listedSince(trades, knowledge);
  expect(result.since.map(({ time }) => time)).toEqual(since);
  expect(result.reaches).toBe(reaches);
});
