import { describe, expect, it } from 'vitest';
import { approvedOrder } from '../../../test/fixtures/approved-orders.ts';
import { intendedOrder } from '../core/order-record.ts';
import type { ExecutionStore } from '../ports.ts';

/** An empty store, and a function that writes to it as risk does. */
export interface CancelsSubject {
  readonly store: ExecutionStore;
  readonly requestCancel: (clientOrderId: string) => Promise<void>;
}

const HELD = { epoch: 1, holder: 'me' };
const TERMS = { ...HELD, approvedBy: 'test' };

/** Tests which orders a store reports as requested to be cancelled. */
export function cancelsContract(name: string, create: () => Promise<CancelsSubject>): void {
  describe(`the requested cancellations in ${name}`, () => {
    it('are those of orders with a row and without one', async () => {
      const { store, requestCancel } = await create();
      await store.raiseFence(HELD);
      const [order, later] = [approvedOrder('d1', { type: 'LIMIT' }), approvedOrder('d2', { type: 'LIMIT' })];
      expect(await store.cancelRequests()).toEqual(new Set());
      for (const { clientOrderId } of [order, later]) await requestCancel(clientOrderId);
      const row = intendedOrder({ order, instrument: undefined, epoch: 1, intendedAtMs: order.decidedAt });
      expect(await store.commitIntent(TERMS, row)).toBe('Committed');
      expect(await store.cancelRequests()).toEqual(new Set([order.clientOrderId, later.clientOrderId]));
    });

    it('do not include a live order that nobody asked to cancel', async () => {
      const { store } = await create();
      await store.raiseFence(HELD);
      const order = approvedOrder('d1', { type: 'LIMIT' });
      await store.commitIntent(TERMS, intendedOrder({ order, instrument: undefined, epoch: 1, intendedAtMs: 1 }));
      expect(await store.cancelRequests()).toEqual(new Set());
    });
  });
}
