import { MemoryExecutionStore } from '../execution/store/memory/memory-execution-store.ts';
import { breakerStoreContract } from '../risk/store/breakers/breaker-store-contract.ts';
import { intendedOrder } from '../execution/core/order-record.ts';
import { approvedOrder } from '../../test/fixtures/approved-orders.ts';
import { parseDecimal, ZERO } from '../shared/domain/decimal.ts';
import { MemoryRiskStore } from './memory-risk-store.ts';

breakerStoreContract('MemoryRiskStore', async () => {
  const record = new MemoryExecutionStore();
  const store = new MemoryRiskStore(record, () => {});
  let count = 0;
  const requestTransfer = async (asset: string, amount: string): Promise<void> => {
    count += 1;
    record.transfers.push({ id: String(count), asset, amount: parseDecimal(amount), author: 'ada', reason: 'why' });
    await Promise.resolve();
  };
  return await Promise.resolve({
    store,
    requestTransfer,
    bookTransfer: async (asset, amount) => {
      const waiting = record.transfers.splice(0);
      await requestTransfer(asset, amount);
      await record.bookTransfers(new Set(['ETH', 'XRP']));
      record.transfers.push(...waiting);
    },
    payFee: async (asset, amount) => {
      count += 1;
      const order = approvedOrder(`fee-${count}`, { type: 'LIMIT' });
      const state = { kind: 'Open', venueOrderId: `v${count}`, filled: ZERO } as const;
      const intent = intendedOrder({ order, instrument: undefined, epoch: 1, intendedAtMs: 1 });
      record.orders.set(order.clientOrderId, { ...intent, state });
      const { clientOrderId, symbol, side, price } = order;
      const ids = { venueTradeId: `t${count}`, venueOrderId: `v${count}`, clientOrderId };
      const fee = { fee: parseDecimal(amount), feeAsset: asset };
      const fill = { ...ids, ...fee, symbol, side, price, quantity: parseDecimal('1'), maker: false, time: 1 };
      await record.recordObservation({
        key: { clientOrderId, venueOrderId: '' },
        observation: { kind: 'FillSeen', fill },
        epoch: 1,
        atMs: 1,
      });
    },
    recordVenueHealth: async (epoch, health, ageMs) =>
      await record.recordVenueHealth(epoch, health, 1_800_000_000_123 - ageMs),
    requestReset: async (author) => {
      count += 1;
      const id = String(count);
      store.breakers.resets = [...store.breakers.resets, { id, author, reason: 'reviewed' }];
      return await Promise.resolve(id);
    },
  });
});
