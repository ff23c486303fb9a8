import { expect, it } from 'vitest';
import type { OrderStep } from '../../services/replay/core/order-step.ts';
import { driftViolations } from './drift-violations.ts';

const periods = [{ asset: 'XRP', fromMs: 1_000, toMs: 9_000 }];
const buy: OrderStep = {
  client_order_id: 'a',
  epoch: 1,
  symbol: 'XRP/ETH',
  side: 'buy',
  state: 'Intended',
  at_ms: 5_000,
};

const judge = (change: Partial<OrderStep>) =>
  driftViolations({ periods, steps: [{ ...buy, ...change }], commitBoundMs: 2_000 });

it.each<[string, Partial<OrderStep>]>([
  ['a sale', { side: 'sell' }],
  ['a later step of a buy', { state: 'Filled' }],
  ['a buy without the asset', { symbol: 'XRPX/ETH' }],
  ['a buy that was checked before', { at_ms: 3_000 }],
  ['a buy after the booking', { at_ms: 9_000 }],
])('allows %s', (_what, change) => {
  expect(judge(change)).toEqual([]);
});

it('finds a buy of the asset, and one that is paid for with it', () => {
  expect(judge({})).toEqual(['I13: a buys XRP/ETH, 4000 ms after XRP began to drift']);
  expect(judge({ symbol: 'ADA/XRP' })).toEqual(['I13: a buys ADA/XRP, 4000 ms after XRP began to drift']);
});
