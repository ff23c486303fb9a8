import { describe, expect, it } from 'vitest';
import { held, NOW, openBuy, riskState, unreadRow } from '../../../../test/fixtures/risk-state.ts';
import { parseDecimal, ZERO } from '../../../shared/domain/decimal.ts';
import type { MarketSnapshot } from '../../../shared/domain/market-snapshot.ts';
import { decide } from '../decide.ts';
import type { Attempts } from './attempts.ts';
import { keyOf } from '../holdings.ts';
import { ALL_READ, type UnreadSignals } from '../stances/unread-signals.ts';
import { mayExit } from './exit.ts';
import { planExits, type ExitPlan } from './exit-plan.ts';
import type { OrderView, RiskState } from '../risk-state.ts';

const d = parseDecimal;
const FLATTENING = [{ source: 'desk', state: 'Flattening', reason: 'out' }] as const;
const account: RiskState = { ...riskState, tradingStates: FLATTENING };
const ownSale: OrderView = { ...openBuy, strategy: 'trend', side: 'sell', price: d('0.0014'), sinceMs: NOW - 29_999 };
const NOTHING = { open: [], dust: [], due: [], cancels: [] };
const position = { strategy: 'trend', symbol: 'XRP/ETH' };

function plan(state: RiskState, attempts: ReadonlyMap<string, Attempts> = new Map(), monotonicMs = 0): ExitPlan {
  return planExits({ state, marketOf: () => state.market, attempts, unreadSignals: ALL_READ, monotonicMs });
}

function wants(stance: 'Long' | 'Flat', strategy = 'trend'): RiskState['stances'][number] {
  return { strategy, symbol: 'XRP/ETH', stance, barClose: NOW - 900, changedAt: NOW - 900 };
}

function withMarket(market: Partial<MarketSnapshot>): RiskState {
  return { ...account, positions: held('30'), market: { ...account.market, ...market } };
}

/** A sale of another strategy that reserves as much as a decimal can hold. */
function vast(clientOrderId: string): OrderView {
  return { ...ownSale, clientOrderId, strategy: 'other', reservedAsset: 'XRP', reserved: d('99999999999999999999') };
}

describe('a position', () => {
  it('is sold as a whole by one exit, which is decided as the stance Flat', () => {
    const state = { ...account, positions: held('35.67') };
    const { due, ...rest } = plan(state);
    const waitsFor = { reason: 'ExitDue', message: 'the next attempt is made now' };
    const open = [{ ...position, cause: 'Flattening', attempts: 0, problem: undefined, waitsFor }];
    expect(rest).toEqual({ open, dust: [], cancels: [], flat: false });
    expect(due).toMatchObject([{ ...position, stance: 'Flat', id: `exit:trend:XRP/ETH:${NOW}` }]);
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
    ['a sale of unknown outcome that may have sold it all', { state: 'Unknown', quantity: d('30') }, 'UnknownOrders'],
  ])('is left alone while it has %s', (_what, order, reason) => {
    const state = { ...account, positions: held('30'), orders: [{ ...ownSale, ...order }] };
    const { due, open, flat } = plan(state);
    expect([due, open.length, flat, open[0]?.problem?.reason]).toEqual([[], 1, false, reason]);
    expect(mayExit(state, position)).toBe(reason !== undefined);
  });

  it.each<[Partial<OrderView>, string]>([
    [{ state: 'Approved', sinceMs: 0 }, 'the approval of sale a of 1970-01-01T00:00:00.000Z has no order yet'],
    [{ state: 'Submitted', sinceMs: 9 }, 'sale a of 1970-01-01T00:00:00.009Z is Submitted: 0 of 50 are filled'],
    [{ filled: d('0.5'), sinceMs: undefined }, 'sale a of an unknown time is Open: 0.5 of 50 are filled'],
    [{ state: 'CancelPending' }, 'sale a of 2023-11-14T22:12:50.001Z is CancelPending: 0 of 50 are filled'],
  ])('beside a sale that is %o says so', (order, message) => {
    const { open } = plan({ ...account, positions: held('30'), orders: [{ ...ownSale, ...order }] });
    expect(open).toMatchObject([{ problem: undefined, waitsFor: { reason: 'SaleLive', message } }]);
  });

  it('that was refused says why, and when the next attempt follows', () => {
    const refusal = { reason: 'TooManyOrders', message: '10 orders are open' };
    const last = { count: 3, atMs: 500, held: d('30'), refusal, refusedBefore: 2 };
    const { open } = plan({ ...account, positions: held('30') }, new Map([[keyOf(position), last]]), 1_000);
    const at = new Date(NOW + 3_500).toISOString();
    const message = `10 orders are open; the next attempt follows at ${at}`;
    expect(open).toMatchObject([{ problem: refusal, waitsFor: { reason: 'TooManyOrders', message } }]);
  });

  it('is sold beside an order of unknown outcome as far as it is certainly held', () => {
    const state = {
      ...account,
      positions: held('30'),
      orders: [{ ...ownSale, state: 'Unknown', quantity: d('12') } as const],
    };
    expect(mayExit(state, position)).toBe(true);
    expect(plan(state).due.map((signal) => decide(state, signal))).toMatchObject([{ order: { quantity: d('18') } }]);
  });

  describe.each(['Intended', 'Submitted', 'Open', 'PartiallyFilled', 'CancelPending'] as const)(
    'beside a sale of 12 that is %s, of which 2 are filled',
    (kind) => {
      const sale = { ...ownSale, quantity: d('12'), filled: d('2'), state: kind };
      const beside = (change: Partial<OrderView>) => {
        const state = { ...account, positions: held('30'), orders: [{ ...sale, ...change }] };
        return plan(state).due.map((signal) => (mayExit(state, position) ? decide(state, signal) : undefined));
      };

      it('is left alone for half a minute', () => {
        expect(beside({})).toEqual([]);
        expect(beside({ sinceMs: NOW + 29_999 })).toEqual([]);
      });

      it.each([NOW - 30_000, NOW - 86_400_000, NOW + 30_000, undefined])(
        'is then sold except for what that sale may have sold, since %s',
        (sinceMs) => expect(beside({ sinceMs })).toMatchObject([{ order: { quantity: d('20') } }]),
      );
    },
  );

  describe.each(['Intended', 'Submitted', 'Open', 'PartiallyFilled', 'CancelPending', 'Unknown'] as const)(
    'beside a sale of 30 that is %s here and has ended at the venue',
    (state) => {
      const sale = { ...ownSale, quantity: d('30'), filled: d('2'), state, reservedAsset: 'XRP', reserved: d('30') };
      const XRP = { asset: 'XRP', ledger: d('30'), reconciledAtMs: NOW };
      const beside = (finalExecuted: string, change: Partial<OrderView> = {}): RiskState => ({
        ...account,
        positions: held('30'),
        orders: [{ ...sale, ...change, finalExecuted: d(finalExecuted) }],
        balances: [XRP],
      });

      it.each([
        ['2', '30'],
        ['2.5', '29.5'],
        ['7', '25'],
        ['30', '2'],
      ])('with %s executed is at once sold except for the fills that are not recorded', (executed, left) => {
        const given = beside(executed);
        expect(mayExit(given, position)).toBe(true);
        expect(plan(given).due.map((signal) => decide(given, signal))).toMatchObject([
          { order: { quantity: d(left) } },
        ]);
        expect(plan(given).open).toMatchObject([{ problem: undefined }]);
      });

      it('with all that is held executed has nothing to sell, and says which fills are missing', () => {
        const given = beside('30', { filled: ZERO });
        const { due, open, flat } = plan(given);
        expect([due, flat]).toEqual([[], false]);
        const counts = '30 of 30 are executed, fills of 0 are recorded';
        const message = `sale a of 2023-11-14T22:12:50.001Z has ended at the venue: ${counts}`;
        expect(open).toMatchObject([{ waitsFor: { reason: state === 'Unknown' ? 'UnknownOrders' : 'SaleUnsettled' } }]);
        if (state !== 'Unknown') expect(open).toMatchObject([{ waitsFor: { message } }]);
      });
    },
  );

  it('is left alone beside an old approval, which ends by itself at its deadline', () => {
    const orders = [{ ...ownSale, state: 'Approved', sinceMs: 0, quantity: d('12') } as const];
    expect(plan({ ...account, positions: held('30'), orders }).due).toEqual([]);
  });

  it('is sold beside an order of another strategy', () => {
    const state = { ...account, positions: held('30'), orders: [{ ...openBuy, price: d('0.0013') }] };
    expect(plan(state).due).toHaveLength(1);
    expect(mayExit(state, position)).toBe(true);
  });

  it.each(['Approved', 'Open', 'PartiallyFilled', 'CancelPending', 'Unknown'] as const)(
    'is sold beside a buy of its own that is %s, as far as it is held',
    (kind) => {
      const orders = [{ ...openBuy, strategy: 'trend', price: d('0.0013'), state: kind }];
      const state = { ...account, positions: held('30'), orders };
      expect(mayExit(state, position)).toBe(true);
      expect(plan(state).due.map((signal) => decide(state, signal))).toMatchObject([{ order: { quantity: d('30') } }]);
    },
  );

  it.each<[string, RiskState, string]>([
    ['an instrument', withMarket({ instrument: undefined }), 'InstrumentNotKnown'],
    ['a book', withMarket({ book: undefined }), 'FeedStale'],
    [
      'a recent book',
      withMarket({ book: { bid: d('0.0014'), ask: d('0.00141'), receivedAt: NOW - 2_001 } }),
      'FeedStale',
    ],
    ['a bid', withMarket({ book: { bid: undefined, ask: d('0.00141'), receivedAt: NOW } }), 'CollarUnknown'],
    [
      'reservations that can be added',
      { ...account, positions: held('30'), orders: [vast('a'), vast('b')] },
      'NotComputable',
    ],
    [
      'a recent book, however little it says the position is worth',
      withMarket({ book: { bid: d('0.0000001'), ask: d('0.0000002'), receivedAt: NOW - 9_000 } }),
      'FeedStale',
    ],
  ])('is not sold without %s, and says why', (_what, state, reason) => {
    const { due, open, flat } = plan(state);
    expect([due, flat]).toEqual([[], false]);
    expect(open).toMatchObject([{ ...position, problem: { reason } }]);
    expect(open[0]?.problem?.message).not.toBe('');
  });

  it.each<[string, RiskState]>([
    ["the venue's minimum quantity", { ...account, positions: held('0.99') }],
    ['the minimum quantity, whatever the price is', { ...withMarket({ book: undefined }), positions: held('0.99') }],
    [
      'the minimum notional at the live price',
      withMarket({ book: { bid: d('0.00003'), ask: d('0.0000301'), receivedAt: NOW } }),
    ],
  ])('below %s is dust: reported, and no obstacle to the halt', (_what, state) => {
    const dust = [{ ...position, problem: { reason: 'Dust' } }];
    expect(plan(state)).toMatchObject({ open: [], dust, due: [], flat: true });
  });

  it('is no dust because only a piece of it may be sold at once', () => {
    const { limits } = account.policy;
    const policy = { ...account.policy, limits: { ...limits, maxOrderNotional: d('0.0009') } };
    expect(plan({ ...account, policy, positions: held('30') })).toMatchObject({
      open: [position],
      dust: [],
      flat: false,
    });
  });
});

it('leaves a position alone until the wait after its last attempt is over', () => {
  const last = new Map([[keyOf(position), { count: 1, atMs: 0, held: d('30'), refusal: undefined, refusedBefore: 0 }]]);
  const state = { ...account, positions: held('30') };
  expect([999, 1_000].map((ms) => plan(state, last, ms).due.length)).toEqual([0, 1]);
});

describe('the account', () => {
  it('is flat when nothing is held and no order or approval could change that', () => {
    expect(plan(account)).toEqual({ ...NOTHING, flat: true });
    expect(plan({ ...account, positions: held('0') }).flat).toBe(true);
    expect(plan({ ...account, orders: [openBuy] }).flat).toBe(false);
    expect(plan({ ...account, orders: [{ ...openBuy, state: 'Approved' }] }).flat).toBe(false);
    expect(plan({ ...account, orders: [{ ...openBuy, state: 'Unknown' }] }).flat).toBe(false);
  });

  it('is not flat while a position or an order cannot be read', () => {
    for (const table of ['trading.positions', 'trading.orders', 'risk.decisions'] as const)
      expect(plan({ ...account, unread: [{ ...unreadRow, table }] }).flat).toBe(false);
    expect(plan({ ...account, unread: [{ ...unreadRow, table: 'risk.stances' }] }).flat).toBe(true);
  });

  it('is not flat while a position is held that nobody asked to leave', () => {
    expect(plan({ ...riskState, positions: held('30') })).toEqual({ ...NOTHING, flat: false });
  });

  it('has every exit start at once, whatever limits entries, and those that waited longest first', () => {
    const strategies = ['a', 'b', 'c', 'd'];
    const positions = strategies.flatMap((strategy) => held('30', '0.01', strategy));
    const tried = new Map(
      ['a', 'b', 'd'].map((strategy, index) => [
        keyOf({ ...position, strategy }),
        { count: 1, atMs: 500 - index, held: d('30'), refusal: undefined, refusedBefore: 0 },
      ]),
    );
    const limits = { ...account.policy.limits, maxOrdersPerSecond: 1 };
    const state = { ...account, policy: { ...account.policy, limits }, positions, entriesLastSecond: 9 };
    const due = plan(state, tried, 1_500).due;
    expect(due.map(({ strategy }) => strategy)).toEqual(['c', 'd', 'b', 'a']);
  });
});

describe('a strategy', () => {
  const active = { ...riskState, positions: held('30') };

  it('that is flat has its position left, also while Reducing', () => {
    const state = { ...active, stances: [wants('Flat')] };
    expect(plan(state)).toMatchObject({ open: [{ ...position, cause: 'Flat' }], due: [position] });
    const reducing = { ...state, tradingStates: [{ source: 'x', state: 'Reducing', reason: '' } as const] };
    expect([plan(reducing).due.length, mayExit(reducing, position)]).toEqual([1, true]);
  });

  it.each<[string, RiskState['stances']]>([
    ['is long', [wants('Long')]],
    ['has no stance yet', []],
    ['is long, while another one is flat', [wants('Long'), wants('Flat', 'maker')]],
  ])('that %s keeps its position', (_what, stances) => {
    const state = { ...active, stances };
    expect([plan(state).open, mayExit(state, position)]).toEqual([[], false]);
  });

  it('has nothing sold while a newer signal of it may lie in Redis, unless everything is sold', () => {
    const unread = (state: RiskState, unreadSignals: UnreadSignals = 'All') =>
      planExits({ state, marketOf: () => state.market, attempts: new Map(), unreadSignals, monotonicMs: 0 });
    const state = { ...active, stances: [wants('Flat')] };
    expect(unread(state)).toMatchObject({ open: [{ problem: { reason: 'SignalsUnread' } }], due: [] });
    expect(unread({ ...state, tradingStates: FLATTENING }).due).toHaveLength(1);
    expect(unread({ ...state, positions: held('0.9') })).toMatchObject({ open: [], dust: [position] });
    expect(unread(state, new Set([keyOf(position)])).due).toEqual([]);
    const others = [
      { ...position, strategy: 'maker' },
      { ...position, symbol: 'ADA/ETH' },
    ];
    expect(unread(state, new Set(others.map(keyOf))).due).toHaveLength(1);
  });

  it('has nothing sold while halted, and the report says so', () => {
    const tradingStates = [{ source: 'desk', state: 'Halted', reason: 'why' }, ...FLATTENING] as const;
    const state = { ...active, tradingStates, stances: [wants('Flat')] };
    expect(plan(state)).toMatchObject({ open: [{ ...position, problem: { reason: 'Halted' } }], due: [] });
    expect(mayExit(state, position)).toBe(false);
  });
});
