import { beforeEach, describe, expect, it } from 'vitest';
import { approvedOrder } from '../../../test/fixtures/approved-orders.ts';
import { parseDecimal } from '../../shared/domain/decimal.ts';
import type { OrderReport } from '../../shared/domain/orders/order-report.ts';
import { intendedOrder } from '../core/order-record.ts';
import type { OrderChange } from '../core/order-decider.ts';
import type { ExecutionStore } from '../ports.ts';

const NOW_MS = 1_800_000_000_000;
const d = parseDecimal;

/** Tests the record of an order whose end the venue reports before it shows all of its fills. */
export function endReportsContract(name: string, create: () => Promise<{ readonly store: ExecutionStore }>): void {
  describe(`${name} as the record of an order that has ended at the venue`, () => {
    const order = intendedOrder({
      order: approvedOrder('ended', { side: 'sell' }),
      instrument: undefined,
      epoch: 1,
      intendedAtMs: NOW_MS,
    });
    const { clientOrderId, symbol, price, quantity } = order.request;
    const key = { clientOrderId, venueOrderId: 'v1' };
    let store: ExecutionStore;

    beforeEach(async () => {
      ({ store } = await create());
      await store.raiseFence({ epoch: 1, holder: 'me' });
      await store.commitIntent({ epoch: 1, holder: 'me', approvedBy: 'test' }, order);
      await reported('New', '0');
    });

    async function reported(status: OrderReport['status'], executed: string): Promise<OrderChange | undefined> {
      const ids = { venueOrderId: 'v1', clientOrderId, symbol };
      const terms = { side: 'sell', price, quantity, resting: true } as const;
      const report = { ...ids, ...terms, status, executed: d(executed) };
      return await store.recordObservation({ key, observation: { kind: 'Reported', report }, epoch: 1, atMs: NOW_MS });
    }

    async function filled(venueTradeId: string, amount: string): Promise<void> {
      const ids = { venueTradeId, venueOrderId: 'v1', clientOrderId, symbol };
      const terms = { side: 'sell', price, quantity: d(amount), fee: d('0'), feeAsset: 'ETH', maker: false } as const;
      const observation = { kind: 'FillSeen', fill: { ...ids, ...terms, time: NOW_MS } } as const;
      await store.recordObservation({ key, observation, epoch: 1, atMs: NOW_MS });
    }

    it('keeps what the order executed in all, beside its state and its fills', async () => {
      await reported('Cancelled', '6');
      await filled('t1', '4');
      const { orders } = await store.loadOrders([]);
      expect(orders).toMatchObject([
        { state: { kind: 'PartiallyFilled' }, filled: d('4'), finalExecuted: d('6'), tradeIds: new Set(['t1']) },
      ]);
    });

    it('ends the order as soon as these fills are recorded', async () => {
      await reported('Cancelled', '6');
      for (const id of ['t1', 't2']) await filled(id, '3');
      expect((await store.loadOrders([])).orders).toHaveLength(1);
      await reported('Cancelled', '6');
      expect((await store.loadOrders([])).orders).toEqual([]);
      expect((await store.loadOrders([clientOrderId])).orders).toMatchObject([{ state: { kind: 'Cancelled' } }]);
    });

    it('knows of none while the order lives at the venue', async () => {
      await reported('PartiallyFilled', '6');
      const [live] = (await store.loadOrders([])).orders;
      expect(live?.state.kind).toBe('Open');
      expect(live?.finalExecuted).toBeUndefined();
    });
  });
}
