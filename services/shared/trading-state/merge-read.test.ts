import { expect, it } from 'vitest';
import type { SourceState, TradingState } from '../domain/trading-state.ts';
import type { HeldState } from './held-state.ts';
import { mergeRead } from './merge-read.ts';

type Row = readonly [state: TradingState, revision: number, sinceMs: number];
type Held = readonly [stage: HeldState['stage'], ...Row];

function row([state, revision, sinceMs]: Row): SourceState {
  return { source: 'spec', state, author: '', reason: '', revision, sinceMs };
}

/** The result of a read: `kept`, `read`, `saved again`, or the row that follows both. */
function resultOf([stage, ...held]: Held, read: Row | undefined, isCurrent: boolean): unknown {
  const before: HeldState = { row: row(held), stage };
  const next = mergeRead(before, read && row(read), isCurrent);
  if (next === before) return 'kept';
  if (next?.stage === 'Recorded') return 'read';
  return next?.row === before.row ? 'saved again' : [next?.row.state, next?.row.revision];
}

it.each<[Held, Row | undefined, boolean, unknown]>([
  [['Waiting', 'Halted', 2, 5], undefined, true, 'kept'],
  [['Waiting', 'Halted', 2, 5], ['Active', 1, 4], true, 'kept'],
  [['Waiting', 'Halted', 2, 5], ['Active', 2, 6], true, 'kept'],
  [['Waiting', 'Halted', 2, 5], ['Active', 3, 4], true, 'read'],
  [['Waiting', 'Active', 2, 5], ['Halted', 1, 4], true, 'kept'],
  [['Waiting', 'Active', 2, 5], ['Halted', 2, 4], true, 'read'],
  [['Blind', 'Halted', 2, 5], undefined, true, 'saved again'],
  [['Blind', 'Halted', 2, 5], ['Active', 9, 4], true, ['Halted', 9]],
  [['Blind', 'Active', 2, 5], ['Halted', 2, 4], true, 'read'],
  [['Blind', 'Active', 3, 5], ['Halted', 2, 4], true, ['Active', 3]],
  [['Saved', 'Halted', 2, 5], ['Active', 3, 1], true, 'read'],
  [['Saved', 'Halted', 2, 5], ['Active', 2, 9], true, 'saved again'],
  [['Saved', 'Halted', 2, 5], ['Halted', 2, 4], true, 'read'],
  [['Saved', 'Active', 2, 5], ['Halted', 1, 4], true, 'read'],
  [['Recorded', 'Halted', 0, 5], ['Active', 0, 6], true, 'read'],
  [['Recorded', 'Halted', 0, 5], ['Halted', 0, 5], true, 'kept'],
  // A record that went back.
  [['Recorded', 'Halted', 0, 5], undefined, true, 'saved again'],
  [['Recorded', 'Halted', 0, 5], ['Active', 0, 4], true, 'saved again'],
  [['Recorded', 'Halted', 2, 5], ['Active', 1, 9], true, 'saved again'],
  [['Recorded', 'Halted', 2, 5], ['Halted', 1, 4], true, 'saved again'],
  [['Recorded', 'Active', 2, 5], ['Halted', 1, 4], true, 'read'],
  // A read from before another one, or from before the command was saved.
  [['Saved', 'Halted', 2, 5], undefined, false, 'kept'],
  [['Saved', 'Halted', 2, 5], ['Active', 9, 9], false, 'kept'],
  [['Saved', 'Active', 2, 5], ['Halted', 1, 9], false, 'kept'],
  [['Saved', 'Active', 2, 5], ['Halted', 2, 4], false, 'read'],
  [['Recorded', 'Halted', 0, 5], ['Active', 0, 9], false, 'kept'],
  [['Recorded', 'Active', 0, 5], ['Halted', 0, 4], false, 'kept'],
  [['Recorded', 'Active', 0, 5], ['Halted', 0, 6], false, 'read'],
])('%j, after a read of %j (current: %s), is %j', (held, read, isCurrent, expected) => {
  expect(resultOf(held, read, isCurrent)).toEqual(expected);
});

it('a source that only the record has is read, and one that neither has is not held', () => {
  expect(mergeRead(undefined, row(['Halted', 0, 1]), false)?.stage).toBe('Recorded');
  expect(mergeRead(undefined, undefined, true)).toBeUndefined();
});
