import { describe, expect, it } from 'vitest';
import { parseDecimal } from '../../shared/domain/decimal.ts';
import type { AccountEvent } from './events.ts';
import { Ledger } from './ledger.ts';

const d = parseDecimal;
const ACCOUNT = 'paper';
const opening = { [ACCOUNT]: { ETH: d('1000'), XRP: d('0') } };

type Bounds = Omit<ConstructorParameters<typeof Ledger>[0], 'opening'>;

/** A ledger of a buyer with so many orders, each filled in two parts. */
function traded(orders: number, bounds: Bounds = {}): Ledger {
  const ledger = new Ledger({ opening, ...bounds });
  for (let order = 1; order <= orders; order += 1) for (const event of eventsOf(order)) ledger.evolve(event);
  return ledger;
}

function eventsOf(order: number): readonly AccountEvent[] {
  const id = { account: ACCOUNT, orderId: `o${order}`, clientOrderId: `c${order}`, symbol: 'XRP/ETH' };
  const terms = { ...id, side: 'buy', price: d('0.001'), time: order } as const;
  const request = { time: order, recvWindowMs: 1_000, receivedAt: order };
  const fill = { ...terms, kind: 'fill', quantity: d('1'), feeAsset: 'ETH', maker: false, selfTrade: false } as const;
  return [
    { ...terms, kind: 'placed', type: 'LIMIT', quantity: d('2'), quoteQuantity: d('0'), request, ...locked },
    { ...fill, tradeId: `t${order}a`, fee: d('0'), completes: false },
    { ...fill, tradeId: `t${order}b`, fee: d('0'), completes: true },
  ];
}

const locked = { lockedAsset: 'ETH', locked: d('0.002') };

function kept(ledger: Ledger) {
  return {
    orders: ledger.orders(ACCOUNT).map(({ orderId }) => orderId),
    fills: ledger.fills(ACCOUNT).map(({ tradeId }) => tradeId),
  };
}

describe('Ledger', () => {
  it.each([
    { keep: 'none', bounds: { keepOrders: 0, keepFills: 0 }, orders: [], fills: [] },
    { keep: 'one', bounds: { keepOrders: 1, keepFills: 1 }, orders: ['o30'], fills: ['t30b'] },
    {
      keep: 'three',
      bounds: { keepOrders: 3, keepFills: 3 },
      orders: ['o28', 'o29', 'o30'],
      fills: ['t29b', 't30a', 't30b'],
    },
  ])('keeps the newest ended orders and fills, here $keep', ({ bounds, orders, fills }) => {
    expect(kept(traded(30, bounds))).toEqual({ orders, fills });
  });

  it('keeps at most 10,000 ended orders and 10,000 fills, and at least nine tenths of them', () => {
    const ledger = traded(12_000);
    for (let order = 12_001; order <= 14_000; order += 1) {
      for (const event of eventsOf(order)) ledger.evolve(event);
      if (order % 97 > 0) continue;
      const { orders, fills } = kept(ledger);
      expect(orders.at(-1)).toBe(`o${order}`);
      expect(fills.at(-1)).toBe(`t${order}b`);
      for (const { length } of [orders, fills]) expect(length).toSatisfy((n: number) => n >= 9_000 && n <= 10_000);
    }
  });

  it('forgets neither an open order nor the money and the counts of what it forgets', () => {
    const ledger = traded(0, { keepOrders: 1, keepFills: 0 });
    const [opened] = eventsOf(99);
    if (opened !== undefined) ledger.evolve(opened);
    for (let order = 1; order <= 20; order += 1) for (const event of eventsOf(order)) ledger.evolve(event);
    expect(kept(ledger)).toEqual({ orders: ['o99', 'o20'], fills: [] });
    expect(ledger.orderByClientId(ACCOUNT, 'c99')?.status).toBe('NEW');
    expect([19, 20].map((order) => ledger.orderByClientId(ACCOUNT, `c${order}`)?.status)).toEqual([
      undefined,
      'FILLED',
    ]);
    expect(ledger.counts).toEqual({ placed: 21, filled: 40 });
    expect(ledger.balance(ACCOUNT, 'XRP').free).toBe(d('40'));
    expect(ledger.balance(ACCOUNT, 'ETH')).toMatchObject({ free: d('999.958'), locked: d('0.002') });
  });
});
