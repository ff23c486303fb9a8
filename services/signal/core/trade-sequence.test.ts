import { expect, test } from 'vitest';
import { createTradeSequence } from './trade-sequence.ts';

type Step = readonly [symbol: string, producer: string, seq: number, isMissing: boolean];

test.each<[string, readonly Step[]]>([
  ['follow one another', [['A/B', 'p1', 7, false], ['A/B', 'p1', 8, false]]], // prettier-ignore
  ['leave a number out', [['A/B', 'p1', 7, false], ['A/B', 'p1', 9, true], ['A/B', 'p1', 10, false]]], // prettier-ignore
  ['are repeated', [['A/B', 'p1', 7, false], ['A/B', 'p1', 6, false], ['A/B', 'p1', 8, false]]], // prettier-ignore
  ['are of different symbols', [['A/B', 'p1', 7, false], ['C/D', 'p1', 1, false], ['A/B', 'p1', 8, false]]], // prettier-ignore
  ['come from a new producer', [['A/B', 'p1', 7, false], ['A/B', 'p2', 1, false], ['A/B', 'p2', 2, false]]], // prettier-ignore
  ['come from a new producer that missed some', [['A/B', 'p1', 7, false], ['A/B', 'p2', 2, true]]], // prettier-ignore
  [
    'come from two producers in turn',
    [['A/B', 'p1', 7, false], ['A/B', 'p2', 1, false], ['A/B', 'p1', 8, false], ['A/B', 'p2', 2, false]], // prettier-ignore
  ],
])('knows what is missing when the numbers %s', (_what, steps) => {
  const isMissingBefore = createTradeSequence();
  expect(steps.map(([symbol, producer, seq]) => isMissingBefore({ symbol, producer, seq }))).toEqual(
    steps.map(([, , , isMissing]) => isMissing),
  );
});

test('takes a trade without a number for one that follows', () => {
  const isMissingBefore = createTradeSequence();
  expect([isMissingBefore({ symbol: 'A/B' }), isMissingBefore({ symbol: 'A/B' })]).toEqual([false, false]);
});

test('forgets all but the newest producers', () => {
  const isMissingBefore = createTradeSequence();
  for (let index = 0; index < 20; index += 1) isMissingBefore({ symbol: 'A/B', producer: `p${index}`, seq: 1 });
  expect(isMissingBefore({ symbol: 'A/B', producer: 'p19', seq: 2 })).toBe(false);
  expect(isMissingBefore({ symbol: 'A/B', producer: 'p1', seq: 2 })).toBe(true);
});
