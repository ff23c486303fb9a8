import { formatDecimal, parseDecimal } from '../../../shared/domain/decimal.ts';
import { reconcileContract } from '../reconcile-contract.ts';
import { canaryContract } from '../fence/canary-contract.ts';
import { releaseContract } from '../fence/release-contract.ts';
import { manualTradesContract } from '../manual-trades-contract.ts';
import { portfolioContract } from '../portfolio-contract.ts';
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
    requestCancel: async (clientOrderId) => {
      store.cancels.add(0, [{ clientOrderId, symbol: 'XRP/ETH' }]);
      await Promise.resolve();
    },
    malform: async (clientOrderId) => {
      store.malformed.add(clientOrderId);
      await Promise.resolve();
    },
    malformApproval: async (decisionId) => {
      store.malformedApprovals.add(decisionId);
      await Promise.resolve();
    },
    exitRefusedAtMs: async ({ strategy, request }) =>
      await Promise.resolve(store.exitRefusedAt.get(`${strategy} ${request.symbol}`)),
    activateRisk: async (release) => {
      store.activeRelease = release === undefined ? undefined : { epoch: 2, release, isStale: false };
      await Promise.resolve();
    },
    haltByHand: async (source, active) => {
      store.restrict(source, active ? 'Halted' : 'Active');
      await Promise.resolve();
    },
  });
});

canaryContract('MemoryExecutionStore', async () => await Promise.resolve(new MemoryExecutionStore()));

releaseContract('MemoryExecutionStore', async () => {
  const store = new MemoryExecutionStore();
  return await Promise.resolve({
    store,
    releaseAsBefore: async () => {
      store.fence = { ...store.fence, holder: '' };
      await Promise.resolve();
    },
  });
});

reconcileContract('MemoryExecutionStore', async () => {
  const store = new MemoryExecutionStore();
  return await Promise.resolve({
    store,
    freeAt: async () =>
      await Promise.resolve(
        new Map([...store.venueFree].map(([asset, free]) => [asset, [free, store.comparedAt.get(asset) ?? 0]])),
      ),
    comparedAt: async () => await Promise.resolve(new Map(store.comparedAt)),
    transfer: async (asset, amount) => {
      const id = String(store.postings.length + store.transfers.length);
      store.transfers.push({ id, asset, amount: parseDecimal(amount), author: 'ada', reason: 'why' });
      await Promise.resolve();
    },
    moveByHand: async (symbol, toMs) => {
      store.fillsReadTo.set(symbol, toMs);
      await Promise.resolve();
    },
    clearByHand: async (letter) => {
      store.clearByHand(letter);
      await Promise.resolve();
    },
    countSnapshots: async () => await Promise.resolve(store.snapshots.size),
  });
});

const recordOfTrades: Parameters<typeof manualTradesContract>[1] = async () => {
  const store = new MemoryExecutionStore();
  let asked = 0;
  return await Promise.resolve({
    store,
    trade: async (trade) => {
      asked += 1;
      store.manualTrades.push({ ...trade, id: String(asked) });
      await Promise.resolve();
    },
    forget: async () => {
      store.manualTrades.length = 0;
      await Promise.resolve();
    },
    fees: async () =>
      await Promise.resolve(new Map([...store.feesPaid].map(([asset, paid]) => [asset, formatDecimal(paid)]))),
  });
};
manualTradesContract('MemoryExecutionStore', recordOfTrades);
portfolioContract('MemoryExecutionStore', recordOfTrades);
