import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { NOW, openBuy, riskState } from '../../../test/fixtures/risk-state.ts';
import { parseDecimal, type Decimal } from '../../shared/domain/decimal.ts';
import { ENTRIES } from '../../shared/contracts/services/risk.ts';
import { decide } from './decide.ts';
import { exitSignal } from './exits/exit.ts';
import { stepOf } from './exits/position-step.ts';
import type { RiskState } from './risk-state.ts';

const LARGEST = 10n ** 38n - 1n;
/** From the smallest to the largest amount, about evenly by number of digits. */
const amount = fc
  .tuple(fc.integer({ min: 0, max: 37 }), fc.bigInt(1n, 10n))
  .map(([digits, factor]) => factor * 10n ** BigInt(digits))
  .map((value) => (value > LARGEST ? LARGEST : value) as Decimal);
const maybe = (value: fc.Arbitrary<Decimal>) => fc.option(value, { nil: undefined });

const extreme = fc
  .record({
    instrument: fc.record({
      tickSize: amount,
      lotSize: amount,
      minQuantity: amount,
      minNotional: amount,
      maxNotional: amount,
      takerFee: amount,
    }),
    bid: maybe(amount),
    ask: maybe(amount),
    trade: maybe(amount),
    mark: amount,
    held: amount,
    other: amount,
    ledger: amount,
    orderNotional: amount,
    limit: amount,
    collar: amount,
    order: fc.record({ price: amount, quantity: amount, reserved: amount, side: fc.constantFrom('buy', 'sell') }),
    entry: fc.constantFrom(...ENTRIES),
  })
  .map(({ instrument, bid, ask, trade, mark, held, other, ledger, limit, collar, order, ...sizing }): RiskState => ({
    ...riskState,
    market: {
      instrument: { ...riskState.market.instrument!, ...instrument },
      book: { bid, ask, receivedAt: NOW },
      lastTrade: trade === undefined ? undefined : { price: trade, tradedAt: NOW },
    },
    marks: new Map([['XRP/ETH', mark]]),
    positions: [
      { strategy: 'trend', symbol: 'XRP/ETH', quantity: held, cost: other },
      { strategy: 'other', symbol: 'XRP/ETH', quantity: other, cost: held },
    ],
    orders: [{ ...openBuy, ...order, reservedAsset: order.side === 'buy' ? 'ETH' : 'XRP' }],
    balances: ['XRP', 'ETH'].map((asset) => ({ asset, ledger, reconciledAtMs: NOW })),
    policy: {
      ...riskState.policy,
      sizing: [{ strategy: 'buyer', ...sizing }],
      limits: {
        ...riskState.policy.limits,
        maxOrderNotional: limit,
        maxPositionNotional: limit,
        maxExposureNotional: limit,
        priceCollarPercent: collar,
      },
    },
  }));

it('decides, whatever the amounts are, and never approves what the venue or the account does not allow', () => {
  const codes = new Set<string>();
  fc.assert(
    fc.property(extreme, fc.constantFrom('buyer', 'trend'), (state, strategy) => {
      const stance = strategy === 'buyer' ? 'Long' : 'Flat';
      const signal = { ...exitSignal(state, { strategy, symbol: 'XRP/ETH' }), stance } as const;
      const decision = decide(state, signal);
      expect(() => stepOf(state, signal)).not.toThrow();
      codes.add(decision.kind === 'Refused' ? decision.code : decision.kind);
      if (decision.kind !== 'Approved') return;
      const { price, quantity } = decision.order;
      const { instrument } = state.market;
      expect(quantity * price >= instrument!.minNotional * 10n ** 18n).toBe(true);
      expect(stance === 'Long' || quantity <= state.positions[0]!.quantity).toBe(true);
    }),
    { numRuns: 3_000 },
  );
  expect(codes).toContain('NotComputable');
  expect(codes.size).toBeGreaterThan(5);
});

it('refuses an entry whose quantity does not fit, and says so', () => {
  const d = parseDecimal;
  const cheap = { ...riskState.market.instrument!, tickSize: d('0.000000000000000001'), lotSize: d('1') };
  const book = { bid: d('0.000000000000000001'), ask: d('0.000000000000000002'), receivedAt: NOW };
  const market = { instrument: cheap, book, lastTrade: { price: d('0.000000000000000002'), tradedAt: NOW } };
  const sizing = [{ strategy: 'trend', orderNotional: d('1000'), entry: 'Take' }] as const;
  const state: RiskState = { ...riskState, market, policy: { ...riskState.policy, sizing: [...sizing] } };
  const entry = { ...exitSignal(state, { strategy: 'trend', symbol: 'XRP/ETH' }), stance: 'Long' } as const;
  expect(decide(state, entry)).toMatchObject({
    kind: 'Refused',
    code: 'NotComputable',
    detail: 'the order cannot be computed: OutOfRange',
    inputs: { value: expect.stringMatching(/^\d+$/) },
  });
});
