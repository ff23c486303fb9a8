import { expect, it } from 'vitest';
import type { ExitStep } from '../../../services/replay/core/exit-step.ts';
import { parseDecimal } from '../../../services/shared/domain/decimal.ts';
import type { TerminalState } from '../../../services/shared/domain/orders/order.ts';
import {
  bought,
  buyEnded,
  every,
  held,
  refused,
  saleEnded,
  sold,
  stance,
  stopped,
  unsent,
} from '../../fixtures/exits/exit-steps.ts';
import { EXCUSES } from './exit-excuses.ts';
import { exitViolations } from './exit-violations.ts';

const BOUNDS = {
  smallest: parseDecimal('1'),
  idleBoundMs: 1_000,
  faultBoundMs: 1_500,
  keptBoundMs: 4_000,
  endMs: 10_000,
};
const judge = (...steps: ExitStep[]) => exitViolations({ steps, ...BOUNDS });

/** Nine are held, and should be left. */
const LEAVING = [held(0, '9'), stance(1, 'Flat')];
/** Ends a period, so that only what came before can be found. */
const gone = (at_ms: number): ExitStep => held(at_ms, '0');
const IDLE = 'I9: no sale worked trend XRP/ETH for';
const neverSent = (reason: string): TerminalState => ({ kind: 'NeverSent', reason });
const rejected = (code: string): TerminalState => ({ kind: 'Rejected', code });

it.each<[string, ExitStep[]]>([
  ['its sale is live', [...LEAVING, sold(2, 'a'), saleEnded(1_900, 'a'), stance(2_001, 'Long')]],
  ['one sale follows another', [...LEAVING, sold(900, 'a'), sold(1_800, 'b'), sold(2_700, 'c'), gone(3_700)]],
  [
    'a new sale works it beside one that never ends',
    [
      ...LEAVING,
      sold(2, 'a'),
      ...[1_000, 1_900].flatMap((ms) => [sold(ms, `s${ms}`), saleEnded(ms + 900, `s${ms}`)]),
      gone(3_800),
    ],
  ],
  [
    'a sale that lived as long as it may worked it, beside one that is not sent',
    [
      ...LEAVING,
      sold(2, 'a'),
      sold(900, 's'),
      saleEnded(1_100, 's', neverSent('Expired')),
      sold(1_200, 'c'),
      saleEnded(1_300, 'c'),
      saleEnded(1_301, 'a'),
      gone(1_302),
    ],
  ],
  ['its strategy wants it', [...LEAVING, stance(1_001, 'Long'), held(9_000, '9')]],
  ['only dust is left', [...LEAVING, held(1_000, '0.9')]],
  ['another strategy is flat', [held(0, '9'), stance(1, 'Long'), stance(1, 'Flat', { strategy: 'other' })]],
  [
    'its stop triggered on an earlier position',
    [held(0, '9'), stance(1, 'Long'), stopped(2), stance(3, 'Flat'), stance(4, 'Long'), bought(5, 'b')],
  ],
  [
    'it is excused for as long as faults may',
    [...LEAVING, ...[100, 1_000, 1_600].map((ms) => refused(ms, 'FeedStale')), gone(2_600)],
  ],
  [
    'faults excuse it in two periods',
    [
      ...LEAVING,
      refused(100, 'FeedStale'),
      stance(900, 'Long'),
      stance(5_000, 'Flat'),
      refused(5_900, 'FeedStale'),
      gone(6_800),
    ],
  ],
  [
    'its first sale was not sent, and the next one was',
    [...LEAVING, ...unsent(2, 'Expired'), sold(900, 'a'), saleEnded(1_800, 'a'), gone(1_801)],
  ],
  [
    'a sale was not sent after one that was',
    [
      ...LEAVING,
      sold(2, 'a'),
      saleEnded(900, 'a'),
      sold(1_400, 's'),
      saleEnded(1_850, 's', neverSent('Expired')),
      gone(1_860),
    ],
  ],
  [
    'a sale was not sent after a fault',
    [
      ...LEAVING,
      ...unsent(100, 'NeverArrived'),
      sold(650, 's'),
      saleEnded(1_400, 's', neverSent('Expired')),
      gone(1_500),
    ],
  ],
  [
    'sales were not sent for a moment because of a fault',
    [
      ...LEAVING,
      ...unsent(400, 'NeverArrived'),
      ...unsent(1_300, 'NotActive'),
      sold(2_200, 'a'),
      saleEnded(2_300, 'a'),
      ...unsent(3_000, 'NeverArrived'),
      gone(3_900),
    ],
  ],
  [
    'the next period begins, after an unsent sale of an earlier one',
    [
      ...LEAVING,
      sold(2, 'a'),
      stance(900, 'Long'),
      stance(5_000, 'Flat'),
      saleEnded(5_001, 'a', neverSent('Expired')),
      stance(5_500, 'Long'),
    ],
  ],
  ['nothing is sent any more', [held(0, '9'), stance(9_500, 'Flat'), held(60_000, '9')]],
  [
    'pieces of it are sold in time',
    [
      ...LEAVING,
      ...every(900, 10).flatMap((ms) => [
        sold(ms, `s${ms}`),
        held(ms + 4, `${9 - ms / 900 + 1}`),
        saleEnded(ms + 5, `s${ms}`),
      ]),
    ],
  ],
])('finds nothing while %s', (_while, steps) => {
  expect(judge(...steps)).toEqual([]);
});

it.each([...EXCUSES])('finds nothing while it is excused for a moment: %s', (cause) => {
  expect(judge(...LEAVING, ...unsent(400, cause), gone(1_800))).toEqual([]);
  expect(judge(...LEAVING, sold(400, 's'), saleEnded(900, 's', rejected(cause)), gone(1_800))).toEqual([]);
  expect(judge(...LEAVING, refused(900, cause), gone(1_800))).toEqual([]);
});

it.each<[string, string, ExitStep[]]>([
  ['from its stance on', '1001 ms, until 1002', [...LEAVING, gone(1_002)]],
  ['to the end', '1001 ms, until 10000', [held(0, '9'), stance(8_999, 'Flat')]],
  ['though it holds no more than can be sold', '1001 ms, until 1002', [held(0, '1'), stance(1, 'Flat'), gone(1_002)]],
  [
    'after the rest of a part-fill',
    '1001 ms, until 1005',
    [...LEAVING, sold(2, 'a'), held(3, '4'), saleEnded(4, 'a'), gone(1_005)],
  ],
  ['beside a sale that never ends', '1001 ms, until 2003', [...LEAVING, sold(2, 'a'), gone(2_003)]],
  [
    'after a sale that ended at once',
    '1001 ms, until 1004',
    [...LEAVING, sold(2, 'a'), saleEnded(3, 'a'), gone(1_004)],
  ],
  ['because no sale of it is sent', '1100 ms, until 1101', [...LEAVING, ...unsent(600, 'Expired'), gone(1_101)]],
  [
    'because the venue rejects what is sent',
    '1100 ms, until 1101',
    [...LEAVING, sold(600, 's'), saleEnded(1_100, 's', rejected('30002')), gone(1_101)],
  ],
  [
    'because one sale was not sent in time, after another one was',
    '1001 ms, until 1901',
    [...LEAVING, sold(2, 'a'), saleEnded(900, 'a'), ...unsent(1_000, 'Expired'), gone(1_901)],
  ],
  [
    'because a fault keeps its sales from being sent for long',
    '1001 ms, until 3301',
    [...LEAVING, ...[600, 1_200, 1_800, 2_400].flatMap((ms) => unsent(ms, 'NeverArrived')), gone(3_301)],
  ],
  [
    'because a fault is followed by another one',
    '1001 ms, until 3101',
    [
      ...LEAVING,
      refused(900, 'FeedStale'),
      ...unsent(1_200, 'NotActive'),
      ...[2_100, 2_500].map((ms) => refused(ms, 'FeedStale')),
      gone(3_101),
    ],
  ],
  [
    'though a buy of it was not sent because of a fault',
    '1001 ms, until 1002',
    [bought(0, 'b'), ...LEAVING, buyEnded(600, 'b', neverSent('NeverArrived')), gone(1_002)],
  ],
  [
    'while its feed stays stale',
    '1001 ms, until 2001',
    [...LEAVING, ...[100, 1_000, 1_601].map((ms) => refused(ms, 'FeedStale')), gone(2_001)],
  ],
  ['after a refusal', '1001 ms, until 1901', [...LEAVING, refused(900, 'FeedStale'), gone(1_901)]],
  [
    'from its stop on, though its strategy wants it',
    '1001 ms, until 1003',
    [held(0, '9'), stance(1, 'Long'), stopped(2), stance(3, 'Long'), gone(1_003)],
  ],
  ['though its stance is repeated', '1001 ms, until 1002', [...LEAVING, stance(500, 'Flat'), gone(1_002)]],
  ...['SelfTrade', 'InsufficientFunds', 'OutsideCollar'].map((code): [string, string, ExitStep[]] => [
    `but refuses it with ${code}`,
    '1001 ms, until 1002',
    [...LEAVING, refused(500, code), gone(1_002)],
  ]),
  ...['Expired', 'NotReconciled', 'SetApart', 'OtherStack', 'Halted'].map((reason): [string, string, ExitStep[]] => [
    `but does not send its sale: ${reason}`,
    '1001 ms, until 1002',
    [...LEAVING, ...unsent(400, reason), gone(1_002)],
  ]),
])('finds a position that no sale works %s', (_when, time, steps) => {
  expect(judge(...steps)).toEqual([`${IDLE} ${time}`]);
});

it('finds a position of which nobody buys anything', () => {
  const sales = (count: number) => every(900, count).flatMap((ms) => [sold(ms, `s${ms}`), saleEnded(ms + 5, `s${ms}`)]);
  const found = ['I9: none of trend XRP/ETH was sold for 4001 ms, until 4002'];
  expect(judge(...LEAVING, ...sales(4), gone(4_002))).toEqual(found);
  // As much of it or more is no sale, nor is a cause that faults have.
  expect(judge(...LEAVING, held(500, '9'), ...sales(4), gone(4_002))).toEqual(found);
  expect(judge(...LEAVING, held(500, '10'), refused(600, 'FeedStale'), ...sales(4), gone(4_002))).toEqual(found);
});
