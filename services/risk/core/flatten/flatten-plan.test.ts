import { describe, expect, it } from 'vitest';
import { held, NOW, openBuy, riskState } from '../../../../test/fixtures/risk-state.ts';
import { parseDecimal } from '../../../shared/domain/decimal.ts';
import type { MarketSnapshot } from '../../../shared/domain/market-snapshot.ts';
import { decide } from '../decide.ts';
import type { Attempts } from './attempts.ts';
import { keyOf, mayExit } from './exit.ts';
import { planFlatten, type FlattenPlan } from './flatten-plan.ts';
import type { OrderView, RiskState } from '../risk-state.ts';

const d = parseDecimal;
const FLATTENING = [{ source: 'desk', state: 'Flattening', reason: 'out' }] as const;
const account: RiskState = { ...riskState, tradingStates: FLATTENING };
const ownSale: OrderView = { ...openBuy, strategy: 'trend', side: 'sell', price: d('0.0014') };
const position = { strategy: 'trend', symbol: 'XRP/ETH' };

function plan(state: RiskState, attempts: ReadonlyMap<string, Attempts> = new Map(), monotonicMs = 0): FlattenPlan {
  return planFlatten({ state, marketOf: () => state.market, attempts, monotonicMs });
}

function withMarket(market: Partial<MarketSnapshot>): RiskState {
  return { ...account, positions: held('30'), market: { ...account.market, ...market } };
}

describe('a position', () => {
  it('is sold as a whole by one exit, which is decided as the stance Flat', () => {
    const state = { ...account, positions: held('35.67') };
    const { due, ...rest } = plan(state);
    expect(rest).toEqual({ openPositions: 1, dust: 0, problems: [], flat: false });
    expect(due).toMatchObject([{ ...position, stance: 'Flat', id: `flatten:trend:XRP/ETH:${NOW}` }]);
    expect(mayExit(state, position)).toBe(true);
    expect(due.map((signal) => decide(state, signal))).toMatchObject([
      { kind: 'Approved', order: { side: 'sell', quantity: d('35.6'), price: d('0.0013995') } },
    ]);
  });

  it('of a strategy that is no longer configured is sold too', () => {
    const state = { ...account, positions: held('30', '0.01', 'retired') };
    expect(plan(state).due.map((signal) => decide(state, signal).kind)).toEqual(['Approved']);
  });

  it.each<[string, Partial<OrderView>, string | undefined]>([
    ['an open sale', {}, undefined],
    ['an approved sale', { state: 'Approved' }, undefined],
    ['a buy that is being cancelled', { side: 'buy', state: 'CancelPending' }, undefined],
    ['an order of unknown outcome', { state: 'Unknown', quantity: d('1') }, 'UnknownOrders'],
  ])('is left alone while it has %s', (_what, order, reason) => {
    const state = { ...account, positions: held('30'), orders: [{ ...ownSale, ...order }] };
    const { due, problems, openPositions, flat } = plan(state);
    expect([due, openPositions, flat, problems[0]?.reason]).toEqual([[], 1, false, reason]);
    expect(mayExit(state, position)).toBe(false);
  });

  it('is sold beside an order of another strategy', () => {
    const state = { ...account, positions: held('30'), orders: [openBuy] };
    expect(plan(state).due).toHaveLength(1);
    expect(mayExit(state, position)).toBe(true);
  });

  it.each<[string, RiskState, string]>([
    ['an instrument', withMarket({ instrument: undefined }), 'InstrumentNotKnown'],
    ['a book', withMarket({ book: undefined }), 'FeedStale'],
    [
      'a recent book',
      withMarket({ book: { bid: d('0.0014'), ask: d('0.00141'), receivedAt: NOW - 2_001 } }),
      'FeedStale',
    ],
    ['a bid', withMarket({ book: { bid: undefined, ask: d('0.00141'), receivedAt: NOW } }), 'CollarUnknown'],
    ['a last trade', withMarket({ lastTrade: undefined }), 'CollarUnknown'],
    [
      'a recent book, however little it says the position is worth',
      withMarket({ book: { bid: d('0.0000001'), ask: d('0.0000002'), receivedAt: NOW - 9_000 } }),
      'FeedStale',
    ],
  ])('is not sold without %s, and says why', (_what, state, reason) => {
    const { due, problems, openPositions, flat } = plan(state);
    expect([due, openPositions, flat]).toEqual([[], 1, false]);
    expect(problems).toMatchObject([{ ...position, reason }]);
    expect(problems[0]?.message).not.toBe('');
  });

  it.each<[string, RiskState]>([
    ["the venue's minimum quantity", { ...account, positions: held('0.99') }],
    ['the minimum quantity, whatever the price is', { ...withMarket({ book: undefined }), positions: held('0.99') }],
    [
      'the minimum notional at the live price',
      withMarket({ book: { bid: d('0.00003'), ask: d('0.0000301'), receivedAt: NOW } }),
    ],
  ])('below %s is dust: reported, and no obstacle to the halt', (_what, state) => {
    expect(plan(state)).toMatchObject({
      openPositions: 0,
      dust: 1,
      due: [],
      flat: true,
      problems: [{ reason: 'Dust' }],
    });
  });

  it('is no dust because only a piece of it may be sold at once', () => {
    const { limits } = account.policy;
    const policy = { ...account.policy, limits: { ...limits, maxOrderNotional: d('0.0009') } };
    expect(plan({ ...account, policy, positions: held('30') })).toMatchObject({ openPositions: 1, flat: false });
  });
});

it('reports dust after the positions that are still open', () => {
  const positions = [...held('0.5'), ...held('30', '0.01', 'zebra')];
  const { problems } = plan({ ...withMarket({ book: undefined }), positions });
  expect(problems.map(({ reason }) => reason)).toEqual(['FeedStale', 'Dust']);
});

it('leaves a position alone until the wait after its last attempt is over', () => {
  const last = new Map([[keyOf(position), { count: 1, atMs: 0, held: d('30'), refusal: undefined }]]);
  const state = { ...account, positions: held('30') };
  expect([999, 1_000].map((ms) => plan(state, last, ms).due.length)).toEqual([0, 1]);
});

describe('the account', () => {
  it('is flat when nothing is held and no order or approval could change that', () => {
    expect(plan(account)).toEqual({ openPositions: 0, dust: 0, problems: [], due: [], flat: true });
    expect(plan({ ...account, positions: held('0') }).flat).toBe(true);
    expect(plan({ ...account, orders: [openBuy] }).flat).toBe(false);
    expect(plan({ ...account, orders: [{ ...openBuy, state: 'Approved' }] }).flat).toBe(false);
    expect(plan({ ...account, orders: [{ ...openBuy, state: 'Unknown' }] }).flat).toBe(false);
  });

  it('has no more exits decided than the orders per second that are left', () => {
    const positions = ['a', 'b', 'c', 'd'].flatMap((strategy) => held('30', '0.01', strategy));
    const strategies = (approvedLastSecond: number) =>
      plan({ ...account, positions, approvedLastSecond }).due.map(({ strategy }) => strategy);
    expect([strategies(0), strategies(3), strategies(9)]).toEqual([['a', 'b', 'c', 'd'], ['a', 'b'], []]);
  });
});

it.each(['Active', 'Reducing', 'Halted'] as const)('decides no exit while %s applies', (state) => {
  const tradingStates = [{ source: 'desk', state, reason: '' }];
  expect(mayExit({ ...account, tradingStates }, position)).toBe(false);
  if (state === 'Halted')
    expect(mayExit({ ...account, tradingStates: [...tradingStates, ...FLATTENING] }, position)).toBe(false);
});
