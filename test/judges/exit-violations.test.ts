import { expect, it } from 'vitest';
import type { ExitStep } from '../../services/replay/core/exit-step.ts';
import { parseDecimal } from '../../services/shared/domain/decimal.ts';
import { bought, ended, every, held, refused, sold, stance, stopped, unsent } from '../fixtures/exits/exit-steps.ts';
import { exitViolations } from './exit-violations.ts';

const d = parseDecimal;
const judge = (...steps: ExitStep[]) => exitViolations({ steps, smallest: d('1'), idleBoundMs: 1_000, endMs: 10_000 });

it.each<[string, ExitStep[]]>([
  ['its sale is live', [held(0, '9'), stance(1, 'Flat'), sold(2, 'a'), ended(1_900, 'a'), stance(2_001, 'Long')]],
  [
    'one sale follows another',
    [held(0, '9'), stance(1, 'Flat'), ...every(1_900, 5).map((ms) => sold(ms - 1_000, `a${ms}`))],
  ],
  [
    'a new sale works it beside one that never ends',
    [
      held(0, '9'),
      stance(1, 'Flat'),
      sold(2, 'a'),
      ...every(1_000, 9).flatMap((ms) => [sold(ms, `s${ms}`), ended(ms + 900, `s${ms}`)]),
    ],
  ],
  ['its strategy wants it', [held(0, '9'), stance(1, 'Flat'), stance(1_001, 'Long')]],
  ['only dust is left', [held(0, '9'), stance(1, 'Flat'), held(1_000, '0.9')]],
  ['another strategy is flat', [held(0, '9'), stance(1, 'Long'), stance(1, 'Flat', 'other')]],
  [
    'its stop triggered on an earlier position',
    [held(0, '9'), stance(1, 'Long'), stopped(2), stance(3, 'Flat'), stance(4, 'Long'), bought(5, 'b')],
  ],
  [
    'the feed was stale for a moment',
    [
      held(0, '9'),
      stance(1, 'Flat'),
      refused(900, 'FeedStale'),
      refused(1_800, 'FeedStale'),
      sold(2_700, 'a'),
      ended(2_800, 'a'),
      held(2_801, '0'),
    ],
  ],
  [
    'its first sale was not sent, and the next one was',
    [held(0, '9'), stance(1, 'Flat'), ...unsent(2, 'Expired'), sold(900, 'a'), ended(1_800, 'a'), held(1_801, '0')],
  ],
  [
    'sales were not sent for a moment because of a fault',
    [
      held(0, '9'),
      stance(1, 'Flat'),
      ...unsent(400, 'NeverArrived'),
      ...unsent(1_300, 'NotActive'),
      sold(2_200, 'a'),
      ended(2_300, 'a'),
      ...unsent(3_000, 'NeverArrived'),
      held(3_900, '0'),
    ],
  ],
  [
    'the next period begins, after an unsent sale of an earlier one',
    [
      held(0, '9'),
      stance(1, 'Flat'),
      sold(2, 'a'),
      stance(900, 'Long'),
      stance(5_000, 'Flat'),
      ended(5_001, 'a', { kind: 'NeverSent', reason: 'Expired' }),
      stance(5_500, 'Long'),
    ],
  ],
  ['nothing is sent any more', [held(0, '9'), stance(9_500, 'Flat'), held(60_000, '9')]],
  ['its buy has ended in time', [bought(0, 'b'), stance(1, 'Flat'), ended(1_001, 'b')]],
  ['its strategy wants what it buys', [stance(1, 'Long'), bought(2, 'b'), ended(9_000, 'b')]],
])('finds nothing while %s', (_while, steps) => {
  expect(judge(...steps)).toEqual([]);
});

it.each(['InstrumentNotKnown', 'CollarUnknown', 'BelowMinimum'])(
  'finds nothing while the venue forces each refusal: %s',
  (code) => {
    expect(judge(held(0, '9'), stance(1, 'Flat'), ...every(900, 11).map((ms) => refused(ms, code)))).toEqual([]);
  },
);

it.each<[string, ExitStep[]]>([
  ['from its stance on', [held(0, '9'), stance(1, 'Flat'), sold(1_002, 'a')]],
  ['after the rest of a part-fill', [held(0, '9'), stance(1, 'Flat'), sold(2, 'a'), held(3, '4'), ended(4, 'a')]],
  ['beside a sale that never ends', [held(0, '9'), stance(1, 'Flat'), sold(2, 'a')]],
  [
    'beside a sale that ended late',
    [held(0, '9'), stance(1, 'Flat'), sold(2, 'a'), ended(9_500, 'a'), held(9_501, '0')],
  ],
  [
    'because no sale of it is sent',
    [held(0, '9'), stance(1, 'Flat'), ...every(600, 15).flatMap((ms) => unsent(ms, 'Expired'))],
  ],
  [
    'because one sale was not sent in time, after another one was',
    [
      held(0, '9'),
      stance(1, 'Flat'),
      sold(2, 'a'),
      ended(900, 'a'),
      ...unsent(1_000, 'Expired'),
      ...unsent(1_600, 'Expired'),
      held(2_101, '0'),
    ],
  ],
  [
    'because a fault keeps its sales from being sent for long',
    [held(0, '9'), stance(1, 'Flat'), ...every(600, 15).flatMap((ms) => unsent(ms, 'NeverArrived'))],
  ],
  [
    'because a fault is followed by another one',
    [
      held(0, '9'),
      stance(1, 'Flat'),
      ...every(1_200, 7).flatMap((ms) => [refused(ms - 300, 'FeedStale'), ...unsent(ms, 'NotActive')]),
    ],
  ],
  [
    'though a buy of it was not sent because of a fault',
    [
      held(0, '9'),
      bought(0, 'b'),
      stance(1, 'Flat'),
      ended(600, 'b', { kind: 'NeverSent', reason: 'NeverArrived' }),
      sold(1_400, 'a'),
    ],
  ],
  [
    'while its feed stays stale',
    [held(0, '9'), stance(1, 'Flat'), ...every(900, 11).map((ms) => refused(ms, 'FeedStale'))],
  ],
  [
    'after its stop, though its strategy bought more on the same stance',
    [held(0, '9'), stance(1, 'Long'), stopped(2), bought(3, 'b'), ended(4, 'b'), stance(5, 'Long')],
  ],
  [
    'after its stop, though it was flat before',
    [stance(0, 'Flat'), stance(1, 'Long'), held(1, '9'), stopped(2), bought(3, 'b')],
  ],
  ['after a refusal', [held(0, '9'), stance(1, 'Flat'), refused(900, 'FeedStale')]],
  ['but buys more', [held(0, '9'), stance(1, 'Flat'), bought(2, 'b')]],
  ['from its stop on, though its strategy wants it', [held(0, '9'), stance(1, 'Long'), stopped(2), stance(3, 'Long')]],
  ['though its stance is repeated', [held(0, '9'), ...every(500, 19).map((ms) => stance(ms, 'Flat'))]],
  ...['SelfTrade', 'InsufficientFunds', 'OutsideCollar'].map((code): [string, ExitStep[]] => [
    `but refuses it with ${code} twice a second`,
    [held(0, '9'), stance(1, 'Flat'), ...every(500, 19).map((ms) => refused(ms, code))],
  ]),
])('finds a position that nobody works %s', (_when, steps) => {
  expect(judge(...steps)).toContainEqual(expect.stringMatching(/^I9: nobody worked trend XRP\/ETH for \d+ ms/));
});

it.each<[string, ExitStep[]]>([
  ['though nothing is held', [bought(0, 'b'), stance(1, 'Flat'), ended(1_002, 'b')]],
  ['to the end', [bought(0, 'b'), stance(1, 'Flat')]],
  ['beside a live sale', [bought(0, 'b'), held(0, '9'), stance(1, 'Flat'), sold(2, 'a')]],
  ['after its stop', [stance(0, 'Long'), bought(0, 'b'), stopped(1)]],
])('finds a buy of a position that should be left %s', (_when, steps) => {
  expect(judge(...steps)).toContainEqual(
    expect.stringMatching(/^I9: trend XRP\/ETH should be left and was bought for \d+ ms/),
  );
});
