import { expect, it } from 'vitest';
import { riskTestSettings as settings } from '../../test/fixtures/risk-settings.ts';
import { riskState, xrpEth } from '../../test/fixtures/risk-state.ts';
import { parseDecimal as d } from '../shared/domain/decimal.ts';
import { MarketView } from '../shared/market/market-view.ts';
import { sha256 } from '../shared/runtime/sha256.ts';
import type { OpenApproval } from './core/account.ts';
import { availableFunds } from './core/holdings.ts';
import { stateOf, statesAt } from './state-of.ts';

const market = new MarketView(settings.symbols);
market.onInstruments(new Map([[xrpEth.symbol, xrpEth]]));

const options = { settings, release: 'r', digest: sha256, market, tradingStates: () => [] };
const buy: OpenApproval = {
  clientOrderId: 'one',
  strategy: 'trend',
  symbol: xrpEth.symbol,
  side: 'buy',
  type: 'LIMIT',
  price: d('0.0014'),
  quantity: d('357.5'),
};
const accountWith = (openApprovals: readonly OpenApproval[]) => ({
  ...riskState,
  liveOrders: [],
  openApprovals,
  breakerResets: [],
});

it.each([
  // 1 ETH less the notional and its fee of 0.1 %.
  ['buy', 'ETH', '0.4989995'],
  ['sell', 'XRP', '142.5'],
] as const)('keeps the funds that a %s can take from other orders, from its approval on', (side, asset, left) => {
  const state = {
    ...stateOf(options, accountWith([{ ...buy, side }]), riskState.nowMs),
    market: market.snapshot(xrpEth.symbol),
  };
  expect(availableFunds(state, asset)).toBe(d(left));
});

it('gathers the orders of the approvals that are open at each decision', () => {
  const [one, two, three] = ['one', 'two', 'three'].map((clientOrderId) => ({ ...buy, clientOrderId }));
  if (one === undefined || two === undefined || three === undefined) throw new Error('three approvals');
  const stateAt = statesAt(options, riskState.nowMs);
  for (const open of [[one], [one, two], [two], [three, two], [], [three]])
    expect(stateAt(accountWith(open)).orders.map(({ clientOrderId }) => clientOrderId)).toEqual(
      open.map(({ clientOrderId }) => clientOrderId),
    );
});
