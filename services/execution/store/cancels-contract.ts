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

/** Tests which orders a store reports as requested to be cancelled. */
export function cancelsContract(name: string, create: () => Promise<CancelsSubject>): void {
  describe(`the requested cancellations in ${name}`, () => {
    it('are those of orders that have a row and have not ended', async () => {
      const { store, requestCancel } = await create();
      await store.raiseFence(HELD);
      const orders = ['d1', 'd2', 'd3'].map((id) => approvedOrder(id, { type: 'LIMIT' }));
      for (const order of orders) await requestCancel(order.clientOrderId);
      expect(await store.cancelRequests()).toEqual(new Set());
      for (const order of orders.slice(0, 2)) {
        const row = intendedOrder({ order, instrument: undefined, epoch: 1, intendedAtMs: order.decidedAt });
        expect(await store.commitIntent(HELD, row)).toBe('Committed');
      }
      const [first = '', second = ''] = orders.map(({ clientOrderId }) => clientOrderId);
      expect(await store.cancelRequests()).toEqual(new Set([first, second]));
      const key = { clientOrderId: first, venueOrderId: '' };
      await store.recordObservation({ key, observation: { kind: 'NotSent', reason: 'Expired' }, epoch: 1, atMs: 1 });
      expect(await store.cancelRequests()).toEqual(new Set([second]));
    });

    it('do not include a live order that nobody asked to cancel', async () => {
      const { store } = await create();
      await store.raiseFence(HELD);
      const order = approvedOrder('d1', { type: 'LIMIT' });
      await store.commitIntent(HELD, intendedOrder({ order, instrument: undefined, epoch: 1, intendedAtMs: 1 }));
      expect(await store.cancelRequests()).toEqual(new Set());
    });
  });
}
