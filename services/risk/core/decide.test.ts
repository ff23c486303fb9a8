import { describe, expect, it } from 'vitest';
import { parseDecimal } from '../../shared/domain/decimal.ts';
import {
  flatSignal as flat,
  held,
  longSignal as signal,
  NOW,
  openBuy as order,
  riskState as state,
  withMarket,
} from '../../../test/fixtures/risk-state.ts';
import { decide, type Decision } from './decide.ts';
import type { OrderView, RiskState, Signal } from './risk-state.ts';

const d = parseDecimal;
const withLimits = (limits: Partial<RiskState['policy']['limits']>): RiskState => ({
  ...state,
  policy: { ...state.policy, limits: { ...state.policy.limits, ...limits } },
});

function withState(of: RiskState['tradingStates'][number]['state']): RiskState {
  return { ...state, tradingStates: [...state.tradingStates, { source: 'console', state: of, reason: 'x' }] };
}

describe('sizing', () => {
  it('buys with an IMMEDIATE_OR_CANCEL order a few ticks above the best ask', () => {
    const decision = decide(state, signal);
    expect(decision).toMatchObject({
      kind: 'Approved',
      order: {
        side: 'buy',
        type: 'IMMEDIATE_OR_CANCEL',
        price: d('0.0014015'),
        quantity: d('35.6'),
        deadline: NOW + 3_000,
      },
    });
  });

  it('places a post-only order at the best bid when the strategy enters as maker', () => {
    const decision = decide(state, { ...signal, strategy: 'maker' });
    expect(decision).toMatchObject({
      kind: 'Approved',
      order: { type: 'LIMIT_MAKER', price: d('0.0014'), quantity: d('35.7') },
    });
  });

  it.each(['trend', 'maker'])('lets an entry of %s be sent no later than its signal is valid', (strategy) => {
    const orderedFor = (orderDeadlineMs: number, of: Signal): unknown => {
      const policy = { ...state.policy, orderDeadlineMs };
      const decision = decide(
        { ...state, policy, positions: of.stance === 'Flat' ? held('30', '0.01', strategy) : [] },
        of,
      );
      return decision.kind === 'Approved' ? [decision.order.deadline - NOW, decision.order.sendUntil] : decision;
    };
    const entry = { ...signal, strategy };
    // The signal is a second old, and valid for five.
    expect(orderedFor(3_600_000, entry)).toEqual([3_600_000, NOW + 4_000]);
    expect(orderedFor(4_001, entry)).toEqual([4_001, NOW + 4_000]);
    expect(orderedFor(4_000, entry)).toEqual([4_000, undefined]);
    expect(orderedFor(3_600_000, { ...entry, stance: 'Flat' })).toEqual([3_600_000, undefined]);
  });

  it('sells the whole position, rounded down to the lot size', () => {
    expect(decide({ ...state, positions: held('35.67') }, flat)).toMatchObject({
      kind: 'Approved',
      order: { side: 'sell', type: 'IMMEDIATE_OR_CANCEL', price: d('0.0013995'), quantity: d('35.6') },
    });
  });

  it('sells a large position in pieces of at most maxOrderNotional', () => {
    const decision = decide({ ...state, positions: held('400') }, flat);
    expect(decision).toMatchObject({ kind: 'Approved', order: { quantity: d('71.4') } });
  });

  it('never prices an order outside the collar', () => {
    const narrow = withLimits({ priceCollarPercent: d('0.06') });
    expect(decide(narrow, signal)).toMatchObject({ kind: 'Approved', order: { price: d('0.0014013') } });
  });

  it.each<[string, RiskState, Signal, string]>([
    ['the position is already flat', state, flat, 'StanceMet'],
    ['the position is already held', { ...state, positions: held('30') }, signal, 'StanceMet'],
    ['the stance is stale', state, { ...signal, changedAt: NOW - 5_001 }, 'StaleEntry'],
    ['an order of the strategy is live', { ...state, orders: [{ ...order, strategy: 'trend' }] }, signal, 'OrderLive'],
    [
      'a sale of the position is live',
      { ...state, positions: held('30'), orders: [{ ...order, strategy: 'trend', side: 'sell' }] },
      flat,
      'OrderLive',
    ],
    ['the position is below the minimum quantity', { ...state, positions: held('0.9') }, flat, 'Dust'],
    [
      'nothing is held in a market below the minimum notional',
      withMarket({ book: { bid: d('0.0000301'), ask: d('0.00003011'), receivedAt: NOW } }),
      flat,
      'StanceMet',
    ],
    [
      'a sale of unknown outcome may have sold the whole position',
      {
        ...state,
        positions: held('30'),
        orders: [{ ...order, strategy: 'trend', side: 'sell', state: 'Unknown', quantity: d('30') }],
      },
      flat,
      'OrderLive',
    ],
    ['the stance is met while halted', withState('Halted'), flat, 'StanceMet'],
  ])('takes no action when %s', (_name, given, when, reason) => {
    expect(decide(given, when)).toEqual({ kind: 'NoAction', reason });
  });

  it('opens a position when only dust is held', () => {
    expect(decide({ ...state, positions: held('0.5') }, signal).kind).toBe('Approved');
  });

  it.each(['Approved', 'Open', 'PartiallyFilled', 'CancelPending', 'Unknown'] as const)(
    'sells what is certainly held beside a buy of the strategy in the state %s, unless the two would trade',
    (kind) => {
      const beside = (change: Partial<OrderView>): Decision => {
        const orders = [{ ...order, strategy: 'trend', state: kind, filled: d('12'), ...change }];
        return decide({ ...state, positions: held('30'), orders }, flat);
      };
      const sold = { kind: 'Approved', order: { side: 'sell', quantity: d('30') } };
      expect(beside({ type: 'IMMEDIATE_OR_CANCEL' })).toMatchObject(sold);
      expect(beside({ price: d('0.0013999') })).toMatchObject(sold);
      expect(beside({})).toMatchObject({ kind: 'Refused', code: 'SelfTrade' });
    },
  );
});

describe('checks', () => {
  it.each(['Reducing', 'Flattening'] as const)('approve a sale while %s: an exit must be possible', (of) => {
    expect(decide({ ...withState(of), positions: held('30') }, flat)).toMatchObject({
      kind: 'Approved',
      order: { side: 'sell' },
    });
  });

  it('approve a sale by a strategy that is no longer configured, which needs no sizing', () => {
    const positions = held('30', '0.01', 'retired');
    expect(decide({ ...state, positions }, { ...flat, strategy: 'retired' })).toMatchObject({ kind: 'Approved' });
  });

  it('approve a sale of the minimum when the limit of one order is below it', () => {
    const given = { ...withLimits({ maxOrderNotional: d('0.0009') }), positions: held('30') };
    expect(decide(given, flat)).toMatchObject({ kind: 'Approved', order: { quantity: d('1') } });
  });

  it.each<[string, RiskState, Signal, string]>([
    ['when any source halts', withState('Halted'), signal, 'Halted'],
    ['a sale while halted', { ...withState('Halted'), positions: held('30') }, flat, 'Halted'],
    ['an entry while reducing', withState('Reducing'), signal, 'Reducing'],
    ['an entry while flattening', withState('Flattening'), signal, 'Flattening'],
    ['a strategy without sizing', state, { ...signal, strategy: 'foreign' }, 'StrategyNotKnown'],
    ['an unknown instrument', withMarket({ instrument: undefined }), signal, 'InstrumentNotKnown'],
    [
      'a symbol that is not configured',
      { ...state, policy: { ...state.policy, symbols: ['BTC/ETH'] } },
      signal,
      'InstrumentNotKnown',
    ],
    ['without an order book', withMarket({ book: undefined }), signal, 'FeedStale'],
    [
      'with a stale order book',
      withMarket({ book: { bid: d('0.0014'), ask: d('0.0014010'), receivedAt: NOW - 2_001 } }),
      signal,
      'FeedStale',
    ],
    [
      'an entry at an order book of the future, whose age is unknown',
      withMarket({ book: { bid: d('0.0014'), ask: d('0.0014010'), receivedAt: NOW + 2_001 } }),
      signal,
      'FeedStale',
    ],
    [
      'an entry when the last trade is of the future',
      withMarket({ lastTrade: { price: d('0.0014005'), tradedAt: NOW + 7_200_000 } }),
      signal,
      'CollarUnknown',
    ],
    ['without a last trade', withMarket({ lastTrade: undefined }), signal, 'CollarUnknown'],
    [
      'an entry when the last trade is hours old',
      withMarket({ lastTrade: { price: d('0.0014005'), tradedAt: NOW - 7_200_000 } }),
      signal,
      'CollarUnknown',
    ],
    [
      'an exit at a book where nobody asks, without a recent trade',
      {
        ...withMarket({
          book: { bid: d('0.0014'), ask: undefined, receivedAt: NOW },
          lastTrade: { price: d('0.0014'), tradedAt: NOW - 3_600_000 },
        }),
        positions: held('30'),
      },
      flat,
      'CollarUnknown',
    ],
    [
      'an exit at a bid far below the middle of the book, as of a pair that is being delisted',
      {
        ...withMarket({ book: { bid: d('0.0000401'), ask: d('0.0014'), receivedAt: NOW } }),
        positions: held('30'),
      },
      flat,
      'OutsideCollar',
    ],
    [
      'an exit of which less than the minimum is there',
      {
        ...state,
        positions: held('30'),
        balances: [{ asset: 'XRP', ledger: d('0.9'), reconciledAtMs: NOW, drifting: true }],
      },
      flat,
      'InsufficientFunds',
    ],
    [
      'with a one-sided order book',
      withMarket({ book: { bid: undefined, ask: d('0.0014'), receivedAt: NOW } }),
      signal,
      'CollarUnknown',
    ],
    [
      'when the last trade is far from the book',
      withMarket({ lastTrade: { price: d('0.0013'), tradedAt: NOW } }),
      signal,
      'OutsideCollar',
    ],
    [
      'beside an order of unknown outcome',
      { ...state, orders: [{ ...order, state: 'Unknown' }] },
      signal,
      'UnknownOrders',
    ],
    ["a sale into another strategy's bid", { ...state, positions: held('30'), orders: [order] }, flat, 'SelfTrade'],
    [
      'a sale into an approved bid',
      { ...state, positions: held('30'), orders: [{ ...order, state: 'Approved' }] },
      flat,
      'SelfTrade',
    ],
    [
      'a sale into a bid of unknown outcome, which may rest',
      { ...state, positions: held('30'), orders: [{ ...order, state: 'Unknown' }] },
      flat,
      'SelfTrade',
    ],
    [
      "a buy from another strategy's offer",
      { ...state, orders: [{ ...order, side: 'sell', price: d('0.0014015') }] },
      signal,
      'SelfTrade',
    ],
    [
      'a resting buy that a taking sale under way would meet',
      { ...state, orders: [{ ...order, side: 'sell', type: 'IMMEDIATE_OR_CANCEL', state: 'Submitted' }] },
      { ...signal, strategy: 'maker' },
      'SelfTrade',
    ],
    [
      'a notional below the venue minimum',
      withMarket({ instrument: { ...state.market.instrument!, minNotional: d('0.06') } }),
      signal,
      'BelowMinimum',
    ],
    [
      'a notional above the venue maximum',
      withMarket({ instrument: { ...state.market.instrument!, maxNotional: d('0.04') } }),
      signal,
      'AboveMaximum',
    ],
    ['a notional above maxOrderNotional', withLimits({ maxOrderNotional: d('0.04') }), signal, 'NotionalTooLarge'],
    ['more orders per second than allowed', { ...state, entriesLastSecond: 5 }, signal, 'TooManyOrdersPerSecond'],
    ['more open orders than allowed', { ...state, orders: [order, order, order] }, signal, 'TooManyOpenOrders'],
    ['a position above the limit', { ...state, positions: held('100', '0.16', 'other') }, signal, 'PositionTooLarge'],
    [
      'a position that open buys could raise above the limit',
      { ...state, positions: held('70', '0.09', 'other'), orders: [order] },
      signal,
      'PositionTooLarge',
    ],
    [
      'when exposure in other instruments reaches the limit',
      { ...state, positions: [{ strategy: 'other', symbol: 'BTC/ETH', quantity: d('1'), cost: d('0.26') }] },
      signal,
      'ExposureTooLarge',
    ],
    ['without a balance', { ...state, balances: [] }, signal, 'BalanceUnknown'],
    [
      'with a balance that was never reconciled',
      { ...state, balances: [{ asset: 'ETH', ledger: d('1'), reconciledAtMs: 0 }] },
      signal,
      'BalanceUnknown',
    ],
    [
      'with a balance reconciled too long ago',
      { ...state, balances: [{ asset: 'ETH', ledger: d('1'), reconciledAtMs: NOW - 600_001 }] },
      signal,
      'BalanceUnknown',
    ],
    [
      'with insufficient funds',
      { ...state, balances: [{ asset: 'ETH', ledger: d('0.04'), reconciledAtMs: NOW }] },
      signal,
      'InsufficientFunds',
    ],
    [
      'when open orders reserve the funds',
      { ...state, orders: [{ ...order, reserved: d('0.96') }] },
      signal,
      'InsufficientFunds',
    ],
  ])('refuse %s', (_name, given, when, code) => {
    expect(decide(given, when)).toMatchObject({ kind: 'Refused', code });
  });

  it.each<[string, OrderView, RiskState, Signal]>([
    ['a bid below the sale', { ...order, price: d('0.0013994') }, { ...state, positions: held('30') }, flat],
    [
      'an offer that has ended at the venue',
      { ...order, side: 'sell', price: d('0.0014'), finalExecuted: d('1') },
      state,
      signal,
    ],
    ['an offer above the buy', { ...order, side: 'sell', price: d('0.0014016') }, state, signal],
    ['an order of the same side', order, state, signal],
    ['another instrument', { ...order, symbol: 'BTC/ETH' }, { ...state, positions: held('30') }, flat],
    [
      'a taker of unknown outcome, which never rests',
      { ...order, state: 'Unknown', type: 'IMMEDIATE_OR_CANCEL' },
      { ...state, positions: held('30') },
      flat,
    ],
  ])('pass beside %s', (_name, other, given, when) => {
    expect(decide({ ...given, orders: [other] }, when).kind).toBe('Approved');
  });

  it('report their inputs up to the deciding check', () => {
    const decision = decide({ ...state, entriesLastSecond: 5 }, signal);
    expect(decision).toMatchObject({
      detail: '5 entries were approved in the last second, risk.maxOrdersPerSecond allows 5',
      inputs: { feedAgeMs: 100, mid: '0.0014005', entriesLastSecond: 5, maxOrdersPerSecond: 5 },
    });
    expect(decision).not.toHaveProperty('inputs.available');
  });

  it('give each decision its own client order ID, always the same', () => {
    const idOf = (decision: Decision): string => (decision.kind === 'Approved' ? decision.order.clientOrderId : '');
    const first = idOf(decide(state, signal));
    expect(first).toMatch(/^[a-z2-7]{32}$/);
    expect(idOf(decide(state, signal))).toBe(first);
    expect(idOf(decide(state, { ...signal, id: 'trend:XRP/ETH:2' }))).not.toBe(first);
  });
});
