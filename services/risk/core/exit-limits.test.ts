import { describe, expect, it } from 'vitest';
import { held, NOW, openBuy, riskState as state } from '../../../test/fixtures/risk-state.ts';
import { parseDecimal, subtract, ZERO } from '../../shared/domain/decimal.ts';
import { decide, type Decision } from './decide.ts';
import type { RiskState, Signal } from './risk-state.ts';

const d = parseDecimal;
const flat: Signal = {
  id: 'trend:XRP/ETH:1',
  strategy: 'trend',
  symbol: 'XRP/ETH',
  stance: 'Flat',
  changedAt: NOW - 1_000,
  barClose: NOW - 500,
  referencePrice: d('0.0014'),
  release: 'sig',
};
const holding: RiskState = { ...state, positions: held('30') };
const balance = (ledger: string, ageMs = 0) => [{ asset: 'XRP', ledger: d(ledger), reconciledAtMs: NOW - ageMs }];
const limited = (limits: Partial<RiskState['policy']['limits']>): RiskState => ({
  ...holding,
  policy: { ...state.policy, limits: { ...state.policy.limits, ...limits } },
});

function sold(decision: Decision): bigint | string {
  if (decision.kind === 'Approved') return decision.order.quantity;
  return decision.kind === 'Refused' ? decision.code : decision.reason;
}

describe('an exit is approved', () => {
  it.each<[string, RiskState]>([
    ['as many orders are open as allowed', { ...holding, orders: [1, 2, 3].map((one) => far(`o${one}`)) }],
    ['as many entries were approved in the last second as allowed', { ...holding, entriesLastSecond: 5 }],
    ['the position is larger than allowed', limited({ maxPositionNotional: d('0.001') })],
    ['the exposure is larger than allowed', limited({ maxExposureNotional: d('0.001') })],
    ['one order may have a little less', limited({ maxOrderNotional: d('0.0419') })],
    ['the trading state is Reducing', { ...holding, tradingStates: [{ source: 'x', state: 'Reducing', reason: '' }] }],
    ['no balance is known', { ...holding, balances: [] }],
    ['the balance was never compared', { ...holding, balances: balance('30', NOW) }],
    ['the balance was compared eleven minutes ago', { ...holding, balances: balance('0', 660_000) }],
    ['a buy beside it has an unknown outcome', { ...holding, orders: [{ ...far('u'), state: 'Unknown' }] }],
    ['there is no last trade', { ...holding, market: { ...state.market, lastTrade: undefined } }],
    ['the last trade is hours old', withTrade('0.0014005', 7_200_000)],
    ['the last trade is far from the book', withTrade('0.0010', 0)],
    ['what else is held cannot be computed', { ...holding, ...uncountable() }],
    ['its strategy is not configured', { ...holding, policy: { ...state.policy, sizing: [] } }],
  ])('when %s', (_when, given) => {
    expect(sold(decide(given, flat))).toBe(d('30'));
  });

  it.each([
    ['29.9', '29.9'],
    ['29.97', '29.9'],
    ['30', '30'],
    ['31', '30'],
    ['1', '1'],
  ])('over what is there when the balance is %s: %s', (ledger, quantity) => {
    expect(sold(decide({ ...holding, balances: balance(ledger) }, flat))).toBe(d(quantity));
  });

  it('over what no other order reserves', () => {
    const sale = { ...far('s'), side: 'sell', price: d('0.002'), reservedAsset: 'XRP', reserved: d('50') } as const;
    expect(sold(decide({ ...holding, balances: balance('70'), orders: [sale] }, flat))).toBe(d('20'));
  });

  it('over what a sale of unknown outcome cannot have sold', () => {
    const sale = { ...far('s'), strategy: 'trend', side: 'sell', state: 'Unknown', quantity: d('12') } as const;
    expect(sold(decide({ ...holding, orders: [sale] }, flat))).toBe(d('18'));
  });

  it('above our own bids, while the market bids more than they do', () => {
    const bid = (price: string) => ({ ...openBuy, price: d(price) });
    const priceBeside = (...bids: RiskState['orders'][number][]) => {
      const decision = decide({ ...holding, orders: bids }, flat);
      return decision.kind === 'Approved' ? decision.order.price : sold(decision);
    };
    expect(priceBeside(bid('0.0013994'))).toBe(d('0.0013995'));
    expect(priceBeside(bid('0.0013995'))).toBe(d('0.0013996'));
    expect(priceBeside(bid('0.0013996'), bid('0.0013999'))).toBe(d('0.0014'));
    expect(priceBeside(bid('0.0014'))).toBe('SelfTrade');
    expect(priceBeside({ ...bid('0.0013996'), type: 'LIMIT_MAKER' })).toBe(d('0.0013997'));
    expect(priceBeside({ ...bid('0.0014'), type: 'LIMIT_MAKER' })).toBe('SelfTrade');
    expect(priceBeside({ ...bid('0.0013996'), type: 'IMMEDIATE_OR_CANCEL' })).toBe(d('0.0013995'));
    expect(priceBeside({ ...bid('0.0013996'), type: 'FILL_OR_KILL' })).toBe(d('0.0013995'));
    expect(priceBeside({ ...bid('0.0013996'), symbol: 'BTC/ETH' })).toBe(d('0.0013995'));
    expect(priceBeside({ ...bid('0.0013996'), side: 'sell' })).toBe(d('0.0013995'));
  });
});

it.each(['50.40', '50.99', '51.05', '100.70', '100.03'])('of %s at 1, with 50 an order, leaves nothing', (quantity) => {
  const instrument = {
    ...state.market.instrument!,
    tickSize: d('0.0001'),
    lotSize: d('0.01'),
    minQuantity: d('0.01'),
    minNotional: d('1'),
    maxNotional: d('2000000'),
  };
  const book = { bid: d('1'), ask: d('1.0001'), receivedAt: NOW };
  const limits = { ...state.policy.limits, maxOrderNotional: d('50') };
  let rest = d(quantity);
  for (let bar = 0; bar < 4 && rest > ZERO; bar += 1) {
    const positions = [{ strategy: 'trend', symbol: 'XRP/ETH', quantity: rest, cost: ZERO }];
    const market = { ...state.market, instrument, book };
    const decision = decide({ ...state, policy: { ...state.policy, limits }, positions, market }, flat);
    rest = subtract(rest, decision.kind === 'Approved' ? decision.order.quantity : ZERO);
  }
  expect(rest).toBe(ZERO);
});

it('is refused by a halt', () => {
  const tradingStates = [{ source: 'x', state: 'Halted', reason: '' }] as const;
  expect(sold(decide({ ...holding, tradingStates }, flat))).toBe('Halted');
});

/** An open buy far below the market. */
function far(clientOrderId: string): RiskState['orders'][number] {
  return { ...openBuy, clientOrderId, price: d('0.0001'), quantity: d('10'), reserved: d('0.001') };
}

function withTrade(price: string, ageMs: number): RiskState {
  return { ...holding, market: { ...state.market, lastTrade: { price: d(price), tradedAt: NOW - ageMs } } };
}

/** A holding whose worth has too many digits. */
function uncountable(): Pick<RiskState, 'positions' | 'marks'> {
  const other = { strategy: 'other', symbol: 'BTC/ETH', quantity: d('99999999999999999999'), cost: ZERO };
  return { positions: [...held('30'), other], marks: new Map([['BTC/ETH', d('99999999999')]]) };
}
