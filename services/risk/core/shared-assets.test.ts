import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NOW, openBuy, riskState, xrpEth } from '../../../test/fixtures/risk-state.ts';
import { formatDecimal, parseDecimal as d, subtract } from '../../shared/domain/decimal.ts';
import { decide } from './decide.ts';
import { planExits, type ExitPlan } from './exits/exit-plan.ts';
import { exitSignal } from './exits/exit.ts';
import { spendableFunds } from './holdings.ts';
import type { BalanceView, OrderView, RiskState } from './risk-state.ts';
import { ALL_READ } from './stances/unread-signals.ts';

/** Strategy a holds 0.5 ETH of ETH/USDT, and strategy b buys XRP with ETH. */
const ETH_USDT = { strategy: 'a', symbol: 'ETH/USDT' };
const XRP_ETH = { strategy: 'b', symbol: 'XRP/ETH' };
const ethUsdt = {
  ...xrpEth,
  symbol: 'ETH/USDT',
  base: 'ETH',
  quote: 'USDT',
  tickSize: d('0.01'),
  lotSize: d('0.0001'),
};
const ethMarket: RiskState['market'] = {
  instrument: { ...ethUsdt, minQuantity: d('0.0001'), minNotional: d('5'), maxNotional: d('1000000') },
  book: { bid: d('3000'), ask: d('3000.01'), receivedAt: NOW - 100 },
  lastTrade: { price: d('3000'), tradedAt: NOW - 300 },
};
const marks = new Map([
  ['XRP/ETH', d('0.0014005')],
  ['ETH/USDT', d('3000')],
]);
const wantsFlat = { ...ETH_USDT, stance: 'Flat', barClose: NOW - 9, changedAt: NOW - 9 } as const;
const large = { maxOrderNotional: d('9000'), maxPositionNotional: d('9000'), maxExposureNotional: d('9000') };
const account: RiskState = {
  ...riskState,
  policy: {
    ...riskState.policy,
    currency: 'USDT',
    symbols: [ETH_USDT.symbol, XRP_ETH.symbol],
    sizing: [{ strategy: 'b', orderNotional: d('1350'), entry: 'Take' }],
    limits: { ...riskState.policy.limits, ...large },
  },
  marks,
  freshMarks: marks,
  positions: [{ ...ETH_USDT, quantity: d('0.5'), cost: d('1500') }],
  balances: [ledger('0.5')],
  stances: [wantsFlat],
};
/** A resting buy of XRP that reserves 0.07 ETH. */
const bid: OrderView = { ...openBuy, strategy: 'b', type: 'LIMIT_MAKER' };

function ledger(amount: string, change: Partial<BalanceView> = {}): BalanceView {
  return { asset: 'ETH', ledger: d(amount), reconciledAtMs: NOW - 1_000, ...change };
}

const ledgerOf = (amount: string, change: Partial<RiskState> = {}): RiskState => {
  return { ...account, balances: [ledger(amount)], ...change };
};

function plan(state: RiskState): ExitPlan {
  const marketOf = (symbol: string) => (symbol === ETH_USDT.symbol ? ethMarket : riskState.market);
  return planExits({ state, marketOf, attempts: new Map(), unreadSignals: ALL_READ, monotonicMs: 0 });
}

function enter(state: RiskState): string {
  const decision = decide(state, { ...exitSignal(state, XRP_ETH), stance: 'Long' });
  if (decision.kind === 'NoAction') return decision.reason;
  return decision.kind === 'Refused' ? `${decision.code}: ${decision.detail}` : decision.kind;
}

function leave(given: RiskState): string {
  const state = { ...given, market: ethMarket };
  const decision = decide(state, exitSignal(state, ETH_USDT));
  if (decision.kind === 'NoAction') return decision.reason;
  return decision.kind === 'Refused' ? decision.code : formatDecimal(decision.order.quantity);
}

describe('an entry with an asset that a position holds', () => {
  it.each<[string, RiskState, string]>([
    [
      'is refused while all of it is the position',
      account,
      'InsufficientFunds: the order needs 0.4503313815 ETH, 0 is available: positions hold 0.5',
    ],
    ['is approved with what there is beside the position', ledgerOf('0.9504'), 'Approved'],
    ['is refused when a little of it would be of the position', ledgerOf('0.9503'), 'InsufficientFunds'],
    ['is approved without a position', { ...account, positions: [] }, 'Approved'],
  ])('%s', (_what, state, expected) => {
    expect(enter(state)).toContain(expected);
  });

  it('counts what a sale reserves once', () => {
    const sale: OrderView = {
      ...openBuy,
      ...ETH_USDT,
      side: 'sell',
      price: d('3000'),
      quantity: d('0.3'),
      reservedAsset: 'ETH',
      reserved: d('0.3'),
    };
    expect(spendableFunds(ledgerOf('2', { orders: [sale] }), 'ETH')).toBe(d('1.5'));
    expect(spendableFunds(ledgerOf('1.9', { orders: [{ ...sale, filled: d('0.1') }] }), 'ETH')).toBe(d('1.4'));
  });

  it('leaves every position sellable to the last lot, whatever is bought', () => {
    const milli = fc.integer({ min: 0, max: 3_000 }).map((value) => d(String(value / 1_000)));
    fc.assert(
      fc.property(milli, milli, milli, (total, quantity, notional) => {
        const sizing = [{ strategy: 'b', orderNotional: d(formatDecimal(notional)), entry: 'Take' as const }];
        const positions = [{ ...ETH_USDT, quantity, cost: d('1') }];
        const state = ledgerOf(formatDecimal(total), {
          positions,
          policy: { ...account.policy, currency: 'ETH', sizing },
        });
        const decision = decide(state, { ...exitSignal(state, XRP_ETH), stance: 'Long' });
        if (decision.kind !== 'Approved') return;
        const { price, quantity: bought } = decision.order;
        expect(subtract(total, quantity) >= (price * bought) / 10n ** 18n).toBe(true);
      }),
    );
  });
});

describe('an exit of an asset that a resting buy of another pair reserves', () => {
  it('sells what is free at once, and cancels the buy for the rest', () => {
    const state = ledgerOf('0.5', { orders: [bid] });
    expect(leave(state)).toBe('0.43');
    expect(plan(state)).toMatchObject({
      due: [{ symbol: 'ETH/USDT' }],
      cancels: [{ clientOrderId: 'a', symbol: 'XRP/ETH', reason: 'Leaving' }],
      open: [{ problem: { reason: 'InsufficientFunds' } }],
    });
  });

  const rest = { positions: [{ ...ETH_USDT, quantity: d('0.07'), cost: d('210') }], orders: [bid] };

  it('waits for the end of the buy while nothing is free, and follows at once', () => {
    const message =
      '0.07 of 0.07 ETH are not there: the ledger has 0 that no order reserves; buys that reserve it are being cancelled: a';
    expect(plan(ledgerOf('0.07', rest))).toMatchObject({
      due: [],
      cancels: [{ clientOrderId: 'a', reason: 'Leaving' }],
      open: [{ attempts: 0, waitsFor: { reason: 'InsufficientFunds', message } }],
    });
    const ended = ledgerOf('0.07', { ...rest, orders: [] });
    expect([plan(ended).due.length, leave(ended)]).toEqual([1, '0.07']);
  });

  it('has the buy cancelled for a position that only the bid takes', () => {
    // 5.10 at the bid, 4.998 at the end of the collar; the minimum is 5.
    const small = { ...rest, positions: [{ ...ETH_USDT, quantity: d('0.0017'), cost: d('5') }] };
    expect(plan(ledgerOf('0.0017', small))).toMatchObject({ dust: [], cancels: [{ reason: 'Leaving' }] });
  });

  it.each(['Unknown', 'Open'] as const)('waits only so long for a buy that stays %s', (state) => {
    const orders = [{ ...bid, state }];
    const longest = state === 'Unknown' ? 30_000 : 120_000;
    const requested = (ageMs: number) =>
      ledgerOf('0.07', {
        ...rest,
        orders,
        cancelRequests: [{ clientOrderId: 'a', symbol: 'XRP/ETH', requestedAtMs: NOW - ageMs }],
      });
    expect([plan(requested(longest - 1)).due.length, leave(requested(longest - 1))]).toEqual([0, 'InsufficientFunds']);
    expect([plan(requested(longest)).due.length, leave(requested(longest))]).toEqual([1, '0.07']);
  });

  it.each<[string, Partial<RiskState>]>([
    ['nothing is missing', { balances: [ledger('0.57')], orders: [bid] }],
    ['nobody leaves', { stances: [], orders: [bid] }],
    ['it never rests', { orders: [{ ...bid, type: 'IMMEDIATE_OR_CANCEL' }] }],
    ['it reserves another asset', { balances: [ledger('0.4')], orders: [{ ...bid, reservedAsset: 'USDT' }] }],
  ])('cancels no buy when %s', (_when, change) => {
    expect(plan({ ...account, ...change }).cancels).toEqual([]);
  });
});

describe('a position that is not in the account, as after fees in its coin', () => {
  const flattening = { tradingStates: [{ source: 'desk', state: 'Flattening', reason: '' }] } as const;

  it('is sold as far as it is there', () => {
    expect(leave(ledgerOf('0.4'))).toBe('0.4');
  });

  it.each([['0'], ['0.0004']])('is counted apart when the ledger has %s, so that Flattening ends', (amount) => {
    const state = ledgerOf(amount, flattening);
    expect(leave(state)).toBe('Dust');
    expect(plan(state)).toMatchObject({
      flat: true,
      open: [],
      due: [],
      dust: [{ problem: { reason: 'InsufficientFunds' } }],
    });
  });

  it('is counted apart without a price when nothing at all is there', () => {
    const state = ledgerOf('0', flattening);
    const blind = planExits({
      state,
      marketOf: () => ({ ...ethMarket, book: undefined }),
      attempts: new Map(),
      unreadSignals: ALL_READ,
      monotonicMs: 0,
    });
    expect([blind.flat, blind.dust.length]).toEqual([true, 1]);
  });

  it.each<[string, Partial<RiskState>]>([
    ['ledger and venue differ', { balances: [ledger('0', { drifting: true })] }],
    ['an order reserves it', { balances: [ledger('0.07')], orders: [{ ...bid, type: 'IMMEDIATE_OR_CANCEL' }] }],
    ['the balance is old', { balances: [ledger('0', { reconciledAtMs: NOW - 600_001 })] }],
    ['no balance is known', { balances: [] }],
  ])('stays open while %s: it may be there', (_while, change) => {
    expect(plan({ ...account, ...flattening, ...change })).toMatchObject({ flat: false, dust: [], open: [{}] });
  });
});
