import { describe, expect, it } from 'vitest';
import { held, NOW, openBuy, riskState } from '../../../../test/fixtures/risk-state.ts';
import { parseDecimal } from '../../../shared/domain/decimal.ts';
import { ORDER_TYPES } from '../../../shared/domain/orders/order.ts';
import type { OrderView, RiskState } from '../risk-state.ts';
import { ALL_READ, type UnreadSignals } from '../stances/unread-signals.ts';
import { planExits, type ExitPlan } from './exit-plan.ts';

const d = parseDecimal;
const wants = { strategy: 'trend', symbol: 'XRP/ETH', stance: 'Flat', barClose: NOW - 9, changedAt: NOW - 9 } as const;
/** Strategy trend holds 30 and is flat. The best bid is 0.0014. */
const leaving: RiskState = { ...riskState, positions: held('30'), stances: [wants] };

function bid(clientOrderId: string, change: Partial<OrderView> = {}): OrderView {
  return { ...openBuy, clientOrderId, type: 'LIMIT_MAKER', strategy: 'maker', ...change };
}

function plan(change: Partial<RiskState>, unreadSignals: UnreadSignals = ALL_READ): ExitPlan {
  const state = { ...leaving, ...change };
  return planExits({ state, marketOf: () => state.market, attempts: new Map(), unreadSignals, monotonicMs: 0 });
}

const idsOf = ({ cancels }: ExitPlan) => cancels.map(({ clientOrderId, reason }) => `${clientOrderId} ${reason}`);
const states = ['Approved', 'Submitted', 'Open', 'PartiallyFilled', 'CancelPending', 'Unknown'] as const;

describe('a resting buy of the strategy that leaves', () => {
  it.each(states)('is cancelled while %s, at whatever price', (state) => {
    const orders = [bid('own', { strategy: 'trend', price: d('0.0011'), state })];
    expect(plan({ orders }).cancels).toEqual([{ clientOrderId: 'own', symbol: 'XRP/ETH', reason: 'Leaving' }]);
  });

  it.each<[string, Partial<RiskState>]>([
    ['before anything of it is filled', { positions: [] }],
    ['while only dust of it is filled', { positions: held('0.4') }],
    ['without a price', { market: { ...riskState.market, book: undefined } }],
  ])('is cancelled %s', (_when, change) => {
    expect(idsOf(plan({ ...change, orders: [bid('own', { strategy: 'trend' })] }))).toEqual(['own Leaving']);
  });

  it('is cancelled when its stop has triggered, though the strategy wants the position', () => {
    const at = { level: undefined, bid: undefined, entryPrice: undefined, atMs: NOW };
    const triggered = { kind: 'StopLoss', ...at } as const;
    const stops = [
      { strategy: 'trend', symbol: 'XRP/ETH', openedAtMs: NOW - 9, highPrice: undefined, rules: undefined, triggered },
    ];
    const change = {
      stances: [{ ...wants, stance: 'Long' }],
      stops,
      orders: [bid('own', { strategy: 'trend' })],
    } as const;
    expect(idsOf(plan(change))).toEqual(['own Leaving']);
    expect(idsOf(plan({ ...change, stops: [] }))).toEqual([]);
  });

  it('waits with its exit until all signals are read, because a newer one may want both', () => {
    const orders = [bid('own', { strategy: 'trend' }), bid('met')];
    expect(idsOf(plan({ orders }, 'All'))).toEqual([]);
    expect(plan({ orders }, 'All').open).toMatchObject([{ problem: { reason: 'SignalsUnread' } }]);
  });
});

describe('an approved buy without an order', () => {
  it.each(ORDER_TYPES)('of the strategy that leaves is withdrawn as %s', (type) => {
    const own = bid('own', { strategy: 'trend', type, state: 'Approved', price: d('0.0011') });
    const { cancels, due } = plan({ orders: [own], positions: held('30') });
    expect([cancels, due.length]).toEqual([[{ clientOrderId: 'own', symbol: 'XRP/ETH', reason: 'Leaving' }], 1]);
    expect(idsOf(plan({ orders: [own], positions: [] }))).toEqual(['own Leaving']);
  });

  it.each(ORDER_TYPES)('is withdrawn as %s when the stop of its strategy has triggered', (type) => {
    const triggered = { kind: 'StopLoss', level: undefined, bid: undefined, entryPrice: undefined, atMs: NOW } as const;
    const stops = [
      { strategy: 'trend', symbol: 'XRP/ETH', openedAtMs: NOW - 9, highPrice: undefined, rules: undefined, triggered },
    ];
    const orders = [bid('own', { strategy: 'trend', type, state: 'Approved', price: d('0.0011') })];
    expect(idsOf(plan({ stances: [{ ...wants, stance: 'Long' }], stops, orders }))).toEqual(['own Leaving']);
  });

  it('of a strategy that stays is left alone, and so is the approval of a sale', () => {
    const stays = bid('stays', { type: 'FILL_OR_KILL', state: 'Approved' });
    const sale = bid('sale', { strategy: 'trend', type: 'FILL_OR_KILL', state: 'Approved', side: 'sell' });
    expect(idsOf(plan({ orders: [stays, sale] }))).toEqual([]);
  });
});

describe.each([
  ['strategy', { ...riskState.policy, sizing: [] }],
  ['pair', { ...riskState.policy, symbols: ['ADA/ETH'] }],
])('a buy of a %s that was removed', (_what, removed) => {
  it.each(states)('is cancelled while %s, whether anything is held or not', (state) => {
    const orders = [bid('own', { strategy: 'trend', price: d('0.0011'), state })];
    for (const positions of [[], held('30')])
      expect(idsOf(plan({ policy: removed, stances: [], positions, orders }))).toEqual(['own Leaving']);
  });

  it('is left alone while it is there, and so is its sale', () => {
    const orders = [bid('own', { strategy: 'trend' })];
    expect(idsOf(plan({ stances: [], orders }))).toEqual([]);
    expect(idsOf(plan({ policy: removed, stances: [], orders: [bid('own', { side: 'sell' })] }))).toEqual([]);
  });
});

describe('a resting buy of another strategy', () => {
  it.each<[string, Partial<OrderView>, readonly string[]]>([
    ['at the best bid', {}, ['b SelfTrade']],
    ['of unknown outcome at the best bid', { state: 'Unknown' }, ['b SelfTrade']],
    ['above the best bid', { price: d('0.00141') }, ['b SelfTrade']],
    ['below the best bid', { price: d('0.0013999') }, []],
    ['on another symbol', { symbol: 'ADA/ETH' }, []],
    ['that sells', { side: 'sell' }, []],
  ])('%s is cancelled when the exit would meet it', (_where, change, expected) => {
    const policy = { ...riskState.policy, symbols: ['XRP/ETH', 'ADA/ETH'] };
    expect(idsOf(plan({ policy, orders: [bid('b', change)] }))).toEqual(expected);
  });

  it.each(ORDER_TYPES.filter((type) => !type.startsWith('LIMIT')))('is left alone as %s: it never rests', (type) => {
    const { cancels, due } = plan({ orders: [bid('b', { type }), bid('own', { type, strategy: 'trend' })] });
    expect([cancels, due.length]).toEqual([[], 1]);
  });

  it('is left alone while its exit cannot be priced, or nobody leaves', () => {
    expect(idsOf(plan({ orders: [bid('b')], market: { ...riskState.market, book: undefined } }))).toEqual([]);
    expect(idsOf(plan({ orders: [bid('b')], stances: [] }))).toEqual([]);
    expect(idsOf(plan({ orders: [bid('b')], positions: held('0.4') }))).toEqual([]);
  });
});

it('makes the exit wait without a problem of its own, and lets it be due when the buy has ended', () => {
  const waiting = plan({ orders: [bid('b')] });
  expect(waiting).toMatchObject({ due: [], open: [{ attempts: 0, problem: { reason: 'SelfTrade' } }] });
  expect(waiting.open[0]?.problem?.message).toContain('being cancelled: b');
  expect(plan({ orders: [] }).due).toHaveLength(1);
});

it('requests each order once', () => {
  const cancelRequests = [{ clientOrderId: 'b', symbol: 'XRP/ETH', requestedAtMs: NOW - 90_000 }];
  const others = ['flat', 'trend'].flatMap((strategy) => held('30', '0.01', strategy));
  const stances = ['flat', 'trend'].map((strategy) => ({ ...wants, strategy }));
  expect(idsOf(plan({ positions: others, stances, orders: [bid('b'), bid('c')] }))).toEqual([
    'b SelfTrade',
    'c SelfTrade',
  ]);
  expect(idsOf(plan({ orders: [bid('b'), bid('c')], cancelRequests }))).toEqual(['c SelfTrade']);
});
