import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { held, NOW, openBuy, riskState } from '../../../../test/fixtures/risk-state.ts';
import { add, parseDecimal, ZERO, type Decimal } from '../../../shared/domain/decimal.ts';
import { notionalOf } from '../../../shared/domain/instrument.ts';
import { decide } from '../decide.ts';
import type { OrderView, RiskState, Signal } from '../risk-state.ts';
import { leftOfCanary } from './canary-left.ts';
import type { SenderCanary } from './sender-canary.ts';

const d = parseDecimal;
const long: Signal = {
  id: 'one',
  strategy: 'trend',
  symbol: 'XRP/ETH',
  stance: 'Long',
  changedAt: NOW,
  barClose: NOW,
  referencePrice: d('0.0014'),
  release: 'r',
};
const flat: Signal = { ...long, stance: 'Flat' };

/** The strategy buys for 0.05 ETH, at 0.0014015. */
function canary(maxNotional: string, bought: Readonly<Record<string, string>> = {}): SenderCanary {
  const amounts = Object.entries(bought).map(([symbol, notional]) => [symbol, d(notional)] as const);
  return { since: 7, maxNotional: d(maxNotional), bought: new Map(amounts) };
}

const waiting = (quantity: string, change: Partial<OrderView> = {}): OrderView => ({
  ...openBuy,
  clientOrderId: 'w',
  state: 'Approved',
  quantity: d(quantity),
  ...change,
});

function outcome(change: Partial<RiskState>, signal = long): string {
  const decision = decide({ ...riskState, ...change }, signal);
  if (decision.kind === 'NoAction') return decision.reason;
  if (decision.kind === 'Refused') return `${decision.code}: ${decision.detail}`;
  const { side, quantity, canary: counted } = decision.order;
  return `${side} ${Number(quantity) / 1e18} counted by ${counted}`;
}

describe('an entry', () => {
  it.each<[string, Partial<RiskState>, string]>([
    ['has its own size without a canary', {}, 'buy 35.6 counted by undefined'],
    ['has its own size within the cap', { canary: canary('0.05') }, 'buy 35.6 counted by 7'],
    ['is cut to the cap', { canary: canary('0.02') }, 'buy 14.2 counted by 7'],
    ['is cut to what is left', { canary: canary('0.05', { 'XRP/ETH': '0.04' }) }, 'buy 7.1 counted by 7'],
    [
      'leaves room for approvals without an order',
      { canary: canary('0.05'), orders: [waiting('20')] },
      'buy 15.6 counted by 7',
    ],
    [
      'need not leave room for orders that the record has counted',
      { canary: canary('0.05'), orders: [{ ...openBuy, price: d('0.0012') }] },
      'buy 35.6 counted by 7',
    ],
    [
      'need not leave room for sales',
      { canary: canary('0.05'), orders: [waiting('20', { side: 'sell', price: d('0.002') })] },
      'buy 35.6 counted by 7',
    ],
    [
      'is refused once the cap is used',
      { canary: canary('0.05', { 'XRP/ETH': '0.05' }) },
      'CanaryCap: execution.canary.maxNotional 0.05 leaves 0 to buy, below the minimum of the venue',
    ],
    [
      'is refused when more than the cap was bought, as after the cap was lowered',
      { canary: canary('0.05', { 'XRP/ETH': '3' }) },
      'CanaryCap: execution.canary.maxNotional 0.05 leaves 0 to buy, below the minimum of the venue',
    ],
    [
      'is refused when what is left is below the minimum of the venue',
      { canary: canary('0.05', { 'XRP/ETH': '0.0495' }) },
      'CanaryCap: execution.canary.maxNotional 0.05 leaves 0.0005 to buy, below the minimum of the venue',
    ],
    [
      'is refused outside the instruments of the canary',
      { canary: { ...canary('0.05'), symbols: ['ADA/ETH', 'BNB/ETH'] } },
      'OutsideCanaryInstruments: the new sender buys only ADA/ETH BNB/ETH during its canary',
    ],
    ['is approved inside them', { canary: { ...canary('0.05'), symbols: ['XRP/ETH'] } }, 'buy 35.6 counted by 7'],
  ])('%s', (_what, change, expected) => {
    expect(outcome(change)).toBe(expected);
  });

  it('below the minimum of the venue by its own size says so, whatever the canary leaves', () => {
    const sizing = [{ strategy: 'trend', orderNotional: d('0.0005'), entry: 'Take' as const }];
    expect(outcome({ policy: { ...riskState.policy, sizing }, canary: canary('0.05') })).toContain('BelowMinimum');
  });

  it('is refused while something that was bought has no rate', () => {
    const policy = { ...riskState.policy, currency: 'ETH', symbols: ['XRP/ETH', 'BNB/BTC'] };
    expect(outcome({ policy, canary: canary('0.05', { 'BNB/BTC': '0.001' }) })).toContain('RateUnknown');
    expect(outcome({ policy, canary: canary('0.05', { 'BNB/BTC': '0' }) })).toBe('buy 35.6 counted by 7');
  });

  it('counts what was bought in another asset at its rate', () => {
    const policy = { ...riskState.policy, currency: 'ETH', symbols: ['XRP/ETH', 'BNB/BTC', 'BTC/ETH'] };
    const freshMarks = new Map([...riskState.freshMarks, ['BTC/ETH', d('20')] as const]);
    expect(leftOfCanary({ ...riskState, policy, freshMarks, canary: canary('0.05', { 'BNB/BTC': '0.001' }) })).toBe(
      d('0.03'),
    );
  });
});

it.each<[string, Partial<RiskState>]>([
  ['the cap is used', { canary: canary('0.05', { 'XRP/ETH': '0.05' }) }],
  ['its rate is unknown', { canary: canary('0.05', { 'BNB/BTC': '1' }) }],
  ['another instrument is in the canary', { canary: { ...canary('0.05'), symbols: ['ADA/ETH'] } }],
])('an exit is the same as without a canary while %s', (_while, change) => {
  const positions = held('30');
  expect(decide({ ...riskState, positions, ...change }, flat)).toEqual(decide({ ...riskState, positions }, flat));
  expect(outcome({ positions, ...change }, flat)).toBe('sell 30 counted by undefined');
});

const amounts = fc.integer({ min: 0, max: 600 }).map((value) => (BigInt(value) * 10n ** 14n) as Decimal);
const quantities = fc.integer({ min: 1, max: 400 }).map((value) => (BigInt(value) * 10n ** 17n) as Decimal);

it('never exceeds the cap with what it approves, however much was bought and waits', () => {
  const seen = { cut: 0, whole: 0, refused: 0 };
  fc.assert(
    fc.property(amounts, amounts, fc.array(quantities, { maxLength: 2 }), (cap, boughtBefore, approvals) => {
      if (cap === ZERO) return;
      const orders = approvals.map((quantity, index) => waiting('1', { quantity, clientOrderId: `w${index}` }));
      const terms = { since: 7, maxNotional: cap, bought: new Map([['XRP/ETH', boughtBefore]]) };
      const decision = decide({ ...riskState, orders, canary: terms }, long);
      const used = orders.reduce((sum, { price, quantity }) => add(sum, notionalOf(price, quantity)), boughtBefore);
      if (decision.kind !== 'Approved') {
        seen.refused += 1;
        return;
      }
      const { price, quantity, canary: counted } = decision.order;
      expect(add(used, notionalOf(price, quantity))).toBeLessThanOrEqual(cap);
      expect(counted).toBe(7);
      seen[quantity < d('35.6') ? 'cut' : 'whole'] += 1;
    }),
    { numRuns: 1_500 },
  );
  expect(Math.min(seen.cut, seen.refused)).toBeGreaterThan(100);
});
