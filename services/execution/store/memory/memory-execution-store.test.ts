import { storeContract } from '../store-contract.ts';
import { MemoryExecutionStore } from './memory-execution-store.ts';

storeContract('MemoryExecutionStore', async () => {
  const store = new MemoryExecutionStore();
  return await Promise.resolve({
    store,
    approve: async (order) => {
      store.approvals.push(order);
      await Promise.resolve();
    },
    halt: async (source) => {
      store.halts.push(source);
      await Promise.resolve();
    },
  });
});
