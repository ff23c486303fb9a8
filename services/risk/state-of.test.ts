import { expect, it } from 'vitest';
import { riskTestSettings as settings } from '../../test/fixtures/risk-settings.ts';
import { riskState, xrpEth } from '../../test/fixtures/risk-state.ts';
import { parseDecimal as d } from '../shared/domain/decimal.ts';
import { MarketView } from '../shared/market/market-view.ts';
import { sha256 } from '../shared/runtime/sha256.ts';
import type { OpenApproval } from './core/account.ts';
import { availableFunds } from './core/holdings.ts';
import { stateOf } from './state-of.ts';

const market = new MarketView(settings.symbols);
market.onInstruments(new Map([[xrpEth.symbol, xrpEth]]));

it.each([
  // 1 ETH less the notional and its fee of 0.1 %.
  ['buy', 'ETH', '0.4989995'],
  ['sell', 'XRP', '142.5'],
] as const)('keeps the funds that a %s can take from other orders, from its approval on', (side, asset, left) => {
  const approval: OpenApproval = {
    clientOrderId: 'one',
    strategy: 'trend',
    symbol: xrpEth.symbol,
    side,
    type: 'LIMIT',
    price: d('0.0014'),
    quantity: d('357.5'),
  };
  const account = { ...riskState, liveOrders: [], openApprovals: [approval], breakerResets: [] };
  const options = { settings, release: 'r', digest: sha256, market, tradingStates: () => [] };
  const state = { ...stateOf(options, account, riskState.nowMs), market: market.snapshot(xrpEth.symbol) };
  expect(availableFunds(state, asset)).toBe(d(left));
});
