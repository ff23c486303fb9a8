import { describe, expect, it } from 'vitest';
import { openBuy, riskState, xrpEth } from '../../../../test/fixtures/risk-state.ts';
import { formatDecimal, parseDecimal } from '../../../shared/domain/decimal.ts';
import { decide } from '../decide.ts';
import type { RiskState, Signal } from '../risk-state.ts';

const d = parseDecimal;
const { policy, nowMs } = riskState;
const long: Signal = {
  id: 'one',
  strategy: 'trend',
  symbol: 'ETH/BTC',
  stance: 'Long',
  changedAt: nowMs,
  barClose: nowMs,
  referencePrice: d('0.05'),
  release: 'r',
};
const flat: Signal = { ...long, stance: 'Flat' };
const MARKS = new Map([
  ['BTC/USDT', d('50000')],
  ['ETH/BTC', d('0.05005')],
]);

/** A stack with BTC/USDT and ETH/BTC, limits in USDT, and 5 BTC: one ETH is about 2,500 USDT. */
const state: RiskState = {
  ...riskState,
  policy: {
    ...policy,
    symbols: ['BTC/USDT', 'ETH/BTC'],
    currency: 'USDT',
    sizing: [{ strategy: 'trend', orderNotional: d('50'), entry: 'Take' }],
    limits: {
      ...policy.limits,
      maxOrderNotional: d('50'),
      maxPositionNotional: d('200'),
      maxExposureNotional: d('400'),
    },
  },
  market: {
    instrument: {
      ...xrpEth,
      symbol: 'ETH/BTC',
      base: 'ETH',
      quote: 'BTC',
      lotSize: d('0.0001'),
      minQuantity: d('0'),
      minNotional: d('0.0001'),
    },
    book: { bid: d('0.05'), ask: d('0.0501'), receivedAt: nowMs },
    lastTrade: { price: d('0.05005'), tradedAt: nowMs },
  },
  marks: MARKS,
  freshMarks: MARKS,
  balances: ['BTC', 'ETH'].map((asset) => ({ asset, ledger: d('5'), reconciledAtMs: nowMs })),
};
const ETH_HELD: RiskState['positions'] = [{ strategy: 'trend', symbol: 'ETH/BTC', quantity: d('4'), cost: d('0.002') }];

function outcome(change: Partial<RiskState>, signal = long): string {
  const decision = decide({ ...state, ...change }, signal);
  if (decision.kind === 'Approved') return formatDecimal(decision.order.quantity);
  return decision.kind === 'Refused' ? `${decision.code} ${decision.detail}` : decision.reason;
}

describe('an entry of a pair whose quote is another asset than the currency', () => {
  it('is as large as its strategy says in the currency', () => {
    // 50 USDT are 0.001 BTC, for which 0.0199 ETH are offered.
    expect(outcome({})).toBe('0.0199');
    const { inputs } = decide(state, long) as { readonly inputs: object };
    expect(inputs).toMatchObject({ currency: 'USDT', rate: '50000' });
  });

  it('counts with what is held of pairs with another quote', () => {
    const held = (cost: string): Partial<RiskState> => ({
      positions: [{ strategy: 'other', symbol: 'BTC/USDT', quantity: d('0.007'), cost: d(cost) }],
    });
    expect(outcome(held('349'))).toBe('0.0199');
    expect(outcome(held('390'))).toMatch(/^ExposureTooLarge exposure could reach 4[34]\d/);
  });

  it('is bounded by the position in the currency', () => {
    const order = { ...openBuy, symbol: 'ETH/BTC', reservedAsset: 'BTC', price: d('0.05') };
    expect(outcome({ orders: [{ ...order, quantity: d('0.06') }] })).toBe('0.0199');
    expect(outcome({ orders: [{ ...order, quantity: d('0.07') }] })).toMatch(/^PositionTooLarge .* could reach 22\d/);
  });

  it.each([
    ['its own quote', {}, 'BTC/USDT', /^RateUnknown no live price of BTC\/USDT to convert BTC/],
    [
      'another position',
      { positions: [{ strategy: 'other', symbol: 'XRP/EUR', quantity: d('1'), cost: d('1') }] },
      'EUR/USDT',
      /^RateUnknown no configured pair converts EUR to USDT, such as EUR\/USDT$/,
    ],
    [
      'an open buy of another pair',
      { orders: [{ ...openBuy, symbol: 'XRP/EUR' }] },
      'EUR/USDT',
      /^RateUnknown no configured pair converts EUR/,
    ],
  ])('is refused while the rate of %s is unknown', (_what, change, pair, detail) => {
    const freshMarks = new Map([...MARKS].filter(([symbol]) => symbol !== pair));
    expect(outcome({ ...change, freshMarks })).toMatch(detail);
  });

  it('is approved beside a closed position whose rate is unknown', () => {
    const positions = [{ strategy: 'other', symbol: 'XRP/EUR', quantity: d('0'), cost: d('0') }];
    expect(outcome({ positions })).toBe('0.0199');
  });

  it('is refused while no currency is set and the pairs have two quote assets', () => {
    const { currency: _currency, ...unset } = state.policy;
    expect(outcome({ policy: unset })).toMatch(/^RateUnknown risk.currency is not set/);
  });
});

describe('an exit', () => {
  it('is cut into pieces of the limit in the currency', () => {
    expect(outcome({ positions: ETH_HELD }, flat)).toBe('0.02');
  });

  it('is cut at the last known rate, and never held up by a missing one', () => {
    expect(outcome({ positions: ETH_HELD, freshMarks: new Map() }, flat)).toBe('0.02');
    expect(outcome({ positions: ETH_HELD, freshMarks: new Map(), marks: new Map() }, flat)).toBe('4');
    const { currency: _currency, ...unset } = state.policy;
    expect(outcome({ positions: ETH_HELD, policy: unset }, flat)).toBe('4');
  });

  it('is approved at a rate that is out of range', () => {
    const marks = new Map([['BTC/USDT', d('0.000000000000000001')]]);
    expect(outcome({ positions: ETH_HELD, marks, freshMarks: marks }, flat)).toBe('4');
  });
});
