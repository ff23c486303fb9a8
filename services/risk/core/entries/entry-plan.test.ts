import { describe, expect, it } from 'vitest';
import { held, NOW, openBuy, riskState } from '../../../../test/fixtures/risk-state.ts';
import { parseDecimal } from '../../../shared/domain/decimal.ts';
import type { RiskState } from '../risk-state.ts';
import { mayRequote, planEntries } from './entry-plan.ts';

const d = parseDecimal;
const CHANGED = NOW - 4_900;
const stance = {
  strategy: 'maker',
  symbol: 'XRP/ETH',
  stance: 'Long',
  barClose: NOW - 500,
  changedAt: CHANGED,
} as const;
const begun = { strategy: 'maker', symbol: 'XRP/ETH', changedAt: CHANGED, count: 1, quantity: d('35.7') };
const unfilled: RiskState = {
  ...riskState,
  policy: {
    ...riskState.policy,
    sizing: riskState.policy.sizing.map((one) =>
      one.entry === 'Make' ? { ...one, requote: { requoteSeconds: 2 } } : one,
    ),
  },
  stances: [stance],
  entryAttempts: [{ ...begun, lastAtMs: NOW - 4_800 }],
};

const planned = (change: Partial<RiskState> = {}) => {
  const state = { ...unfilled, ...change };
  return planEntries({ state, marketOf: () => state.market });
};

describe('the plan of entries', () => {
  it('decides an unfilled entry again, as the stance of its strategy, under an ID of its own', () => {
    expect(planned()).toEqual([
      {
        id: `entry:maker:XRP/ETH:${NOW}`,
        strategy: 'maker',
        symbol: 'XRP/ETH',
        stance: 'Long',
        changedAt: CHANGED,
        barClose: NOW - 500,
        referencePrice: d('0.0014'),
        release: 'risk-1',
      },
    ]);
  });

  it.each<[string, Partial<RiskState>]>([
    ['whose strategy is flat by now', { stances: [{ ...stance, stance: 'Flat' }] }],
    ['of an earlier stance', { stances: [{ ...stance, changedAt: CHANGED + 1 }] }],
    ['whose signal is too old to act on', { stances: [{ ...stance, barClose: NOW - 10_001 }] }],
    ['whose signal was never approved: its first order comes from a signal', { entryAttempts: [] }],
    [
      'that takes',
      {
        stances: [{ ...stance, strategy: 'trend' }],
        entryAttempts: [{ ...unfilled.entryAttempts[0]!, strategy: 'trend' }],
      },
    ],
    ['that was bought', { positions: held('35.7', '0.05', 'maker') }],
    ['that still rests', { orders: [{ ...openBuy, strategy: 'maker' }] }],
    ['that was placed a moment ago', { entryAttempts: [{ ...begun, lastAtMs: NOW - 1_999 }] }],
    ['that was placed often enough', { entryAttempts: [{ ...begun, count: 11, lastAtMs: NOW - 4_800 }] }],
    [
      'that is past entryValidMs',
      {
        stances: [{ ...stance, changedAt: NOW - 5_001 }],
        entryAttempts: [{ ...unfilled.entryAttempts[0]!, changedAt: NOW - 5_001 }],
      },
    ],
  ])('leaves out an entry %s', (_what, change) => {
    expect(planned(change)).toEqual([]);
  });

  it('contains an entry that cannot be priced or computed: the decision says why', () => {
    expect(planned({ market: { ...unfilled.market, book: undefined } })).toHaveLength(1);
    const huge = d('99999999999999999999');
    expect(
      planned({
        entryAttempts: [{ ...begun, lastAtMs: 1, quantity: huge }],
        positions: held('0', '-99999999999999999999', 'maker'),
      }),
    ).toHaveLength(1);
  });
});

it('may be decided on the account of its transaction only for the stance that it was planned for', () => {
  const [signal] = planned();
  expect(mayRequote(unfilled, signal!)).toBe(true);
  for (const stances of [[], [{ ...stance, stance: 'Flat' } as const], [{ ...stance, changedAt: CHANGED + 1 }]])
    expect(mayRequote({ ...unfilled, stances }, signal!)).toBe(false);
});
