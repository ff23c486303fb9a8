import { expect, it } from 'vitest';
import { openBuy, riskState } from '../../../test/fixtures/risk-state.ts';
import { parseDecimal } from '../../shared/domain/decimal.ts';
import { isTerminal, ORDER_STATE_KINDS, type OrderState } from '../../shared/domain/orders/order.ts';
import { availableFunds, openQuantity, remainingReserve, worstCaseExposure, worstCaseNotional } from './holdings.ts';
import type { OrderView, RiskState } from './risk-state.ts';

const d = parseDecimal;
const buy: OrderView = { ...openBuy, price: d('0.001'), quantity: d('30'), filled: d('0'), reserved: d('0.03') };

function stateWith(orders: readonly OrderView[]): RiskState {
  const balances = [{ asset: buy.reservedAsset, ledger: d('1'), reconciledAtMs: riskState.nowMs }];
  return { ...riskState, positions: [], orders, balances };
}

it.each([
  ['nothing', '0', '0.97'],
  ['a third, rounded up', '10', '0.98'],
  ['all of it', '30', '1'],
])('reserves what is left of an order that has filled %s', (_what, filled, available) => {
  expect(availableFunds(stateWith([{ ...buy, filled: d(filled) }]), buy.reservedAsset)).toBe(d(available));
});

it('keeps an asset free of what orders reserve of another', () => {
  expect(availableFunds(stateWith([buy, { ...buy, reservedAsset: 'XRP' }]), buy.reservedAsset)).toBe(d('0.97'));
});

it.each([
  ['reserves all of it', {}, '10', '14'],
  ['reserves what is not filled', { filled: d('4') }, '6', '8.4'],
  [
    'that has ended at the venue reserves what is executed and not filled',
    { filled: d('4'), finalExecuted: d('5') },
    '1',
    '1.4',
  ],
  ['that has ended there without a trade reserves nothing', { finalExecuted: d('0') }, '0', '0'],
  [
    'of which more is recorded than the venue executed reserves nothing',
    { filled: d('4'), finalExecuted: d('3') },
    '0',
    '0',
  ],
])('an order %s', (_what, change, open, reserve) => {
  const order = { ...openBuy, quantity: d('10'), reserved: d('14'), ...change };
  expect([openQuantity([order]), remainingReserve(order)]).toEqual([d(open), d(reserve)]);
});

it('counts open buys in the worst case, by what is left of them, and no open sell', () => {
  const partly = { ...buy, clientOrderId: 'partly', filled: d('20') };
  const state = stateWith([buy, partly, { ...buy, clientOrderId: 'sell', side: 'sell' }]);
  expect(worstCaseNotional(state, buy.symbol)).toBe(d('0.04'));
  expect(worstCaseExposure(state)).toBe(d('0.04'));
});

it.each(ORDER_STATE_KINDS.filter((kind) => !isTerminal({ kind } as OrderState)))(
  'counts an order that is %s in full: in its funds, its position and the exposure',
  (state) => {
    const account = stateWith([{ ...buy, state }]);
    expect(availableFunds(account, buy.reservedAsset)).toBe(d('0.97'));
    expect(worstCaseNotional(account, buy.symbol)).toBe(d('0.03'));
    expect(worstCaseExposure(account)).toBe(d('0.03'));
  },
);
