import { expect, it } from 'vitest';
import type { ExitStep } from '../../../services/replay/core/exit-step.ts';
import { parseDecimal } from '../../../services/shared/domain/decimal.ts';
import { bought, buyEnded, held, sold, stance, stopped } from '../../fixtures/exits/exit-steps.ts';
import { exitViolations } from './exit-violations.ts';

const BOUNDS = {
  smallest: parseDecimal('1'),
  idleBoundMs: 1_000,
  faultBoundMs: 1_000,
  keptBoundMs: 4_000,
  endMs: 10_000,
};
const judge = (...steps: ExitStep[]) => exitViolations({ steps, ...BOUNDS });
/** Ends a period, so that only what came before can be found. */
const gone = (at_ms: number): ExitStep => held(at_ms, '0');

it.each<[string, ExitStep[]]>([
  ['has ended in time', [bought(0, 'b'), stance(1, 'Flat'), buyEnded(1_001, 'b')]],
  ['is of what its strategy wants', [stance(1, 'Long'), bought(2, 'b'), buyEnded(9_000, 'b')]],
  [
    'is of a stance that began after its stop was reached, and before that was stored',
    [held(0, '9'), stance(1, 'Long'), stopped(5, 2), stance(6, 'Long', { changed_at: 3 }), bought(7, 'b'), gone(8)],
  ],
])('finds nothing about a buy that %s', (_that, steps) => {
  expect(judge(...steps)).toEqual([]);
});

it.each<[string, string, ExitStep[]]>([
  ['though nothing is held', '1001 ms, until 1002', [bought(0, 'b'), stance(1, 'Flat'), buyEnded(1_002, 'b')]],
  ['to the end', '1001 ms, until 10000', [bought(0, 'b'), stance(8_999, 'Flat')]],
  [
    'beside a live sale',
    '1001 ms, until 1002',
    [bought(0, 'b'), held(0, '9'), stance(1, 'Flat'), sold(2, 'a'), buyEnded(1_002, 'b'), gone(1_002)],
  ],
  ['after its stop', '1001 ms, until 1002', [stance(0, 'Long'), bought(0, 'b'), stopped(1), buyEnded(1_002, 'b')]],
  [
    'after another one of it ended',
    '1001 ms, until 1002',
    [bought(0, 'b'), bought(0, 'b2'), stance(1, 'Flat'), buyEnded(2, 'b2'), buyEnded(1_002, 'b')],
  ],
  [
    'though its stance is repeated',
    '1001 ms, until 1002',
    [bought(0, 'b'), stance(1, 'Flat'), stance(600, 'Flat'), buyEnded(1_002, 'b')],
  ],
])('finds a buy of a position that should be left %s', (_when, time, steps) => {
  expect(judge(...steps)).toEqual([`I9: trend XRP/ETH should be left and was bought for ${time}`]);
});

it.each<[string, number, ExitStep[]]>([
  ['of a strategy that is flat', 2, [stance(1, 'Flat'), bought(2, 'b'), buyEnded(300, 'b')]],
  [
    'after a stop, on the stance of before it',
    3,
    [held(0, '9'), stance(1, 'Long'), stopped(2), bought(3, 'b'), buyEnded(4, 'b'), gone(5)],
  ],
  [
    'after a stop, on a repeated stance',
    4,
    [
      held(0, '9'),
      stance(1, 'Long'),
      stopped(2),
      stance(3, 'Long', { changed_at: 2 }),
      bought(4, 'b'),
      buyEnded(5, 'b'),
      gone(6),
    ],
  ],
  [
    'after a stop, on a stance that began before it',
    4,
    [stance(0, 'Flat'), stance(1, 'Long'), held(2, '9'), stopped(3), bought(4, 'b'), buyEnded(5, 'b'), gone(6)],
  ],
])('finds an approved buy %s', (_when, atMs, steps) => {
  expect(judge(...steps)).toEqual([`I9: trend XRP/ETH should be left, and a buy of it was approved at ${atMs}`]);
});
