import { approvedOrder } from '../../test/fixtures/approved-orders.ts';
import { intendedOrder } from '../execution/core/order-record.ts';
import { MemoryExecutionStore } from '../execution/store/memory/memory-execution-store.ts';
import { riskStoreContract } from '../risk/store/risk-store-contract.ts';
import { MemoryRiskStore } from './memory-risk-store.ts';

riskStoreContract('MemoryRiskStore', async () => {
  const record = new MemoryExecutionStore();
  return await Promise.resolve({
    store: new MemoryRiskStore(record, () => {}),
    addOrder: async ({ clientOrderId, decisionId, state }) => {
      const order = approvedOrder(decisionId, { clientOrderId });
      const intent = intendedOrder({ order, instrument: undefined, epoch: 1, intendedAtMs: 1 });
      const kind =
        state === 'Open'
          ? { kind: state, venueOrderId: 'v1' }
          : { kind: state, venueOrderId: 'v1', filled: order.quantity };
      record.orders.set(clientOrderId, { ...intent, state: kind });
      await Promise.resolve();
    },
  });
});
