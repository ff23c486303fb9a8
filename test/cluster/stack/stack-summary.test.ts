import { expect, it } from 'vitest';
import { readSummary, renderSummary } from './stack-summary.ts';

const summary = {
  stack: 'demo-01234567',
  orders: 12,
  orders_filled: 9,
  fills: 11,
  positions: [
    {
      symbol: 'XRP/ETH',
      currency: 'ETH',
      quantity: '120.5',
      cost: '0.18',
      mark: '0.00151',
      realised: '-0.0004',
      unrealised: '0.001955',
    },
    { symbol: 'ADA/ETH', currency: 'ETH', quantity: '0', cost: '0', mark: null, realised: '0.1', unrealised: null },
  ],
  balances: { ETH: '9.81', XRP: '120.5' },
  third_asset_fees: {},
};

it('adds up profit exactly and marks what is unknown', () => {
  expect(renderSummary(summary)).toBe(`orders      12, 9 of them filled
fills       11
position    120.5 XRP/ETH at mark 0.00151
P&L         0.001555 ETH (realised -0.0004, unrealised 0.001955)
position    0 ADA/ETH at mark unknown
P&L         0.1 ETH (realised 0.1, unrealised unknown)
balances    9.81 ETH, 120.5 XRP`);
});

it('names fees in a third asset beside the profit, because a profit may be a loss with them', () => {
  const won = { ...summary, third_asset_fees: { MX: '0.2', BNB: '0.001' } };
  expect(renderSummary(won).split('\n').slice(5)).toEqual([
    'P&L         0.1 ETH (realised 0.1, unrealised unknown)',
    'fees        0.2 MX and 0.001 BNB, which no P&L above contains',
    'balances    9.81 ETH, 120.5 XRP',
  ]);
});

it('reads the row of this stack', async () => {
  const calls: string[] = [];
  const kube = {
    kubectl: async (args: readonly string[]) => (calls.push(args.at(-1) ?? ''), JSON.stringify(summary)),
    helm: async () => '',
  };
  const stack = { metadata: { name: 'demo', uid: '01234567-89ab', generation: 1 } };
  expect(await readSummary(kube, stack)).toEqual(summary);
  expect(calls).toEqual(["SELECT row_to_json(s) FROM trading.summary s WHERE s.stack = 'demo-01234567'"]);
  expect(await readSummary({ ...kube, kubectl: async () => '\n' }, stack)).toBeUndefined();
});
