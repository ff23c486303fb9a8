import type { ExecutionStore } from '../../../services/execution/ports.ts';
import type { OrderRecord } from '../../../services/execution/core/order-record.ts';
import { parseDecimal } from '../../../services/shared/domain/decimal.ts';
import { HELD, orderOf } from './record.ts';

const ORDERS_EACH = 100;
const WRITERS = 4;

/** Notes of fills that are recorded beside what is measured, as fast as the database takes them. */
export interface Writers {
  /** Starts all writers. The returned function ends them, and resolves with the number of notes that they recorded. */
  start(): () => Promise<number>;
}

/** Commits the orders that the writers note fills of. */
export async function prepareWriters(store: ExecutionStore): Promise<Writers> {
  const lanes: OrderRecord[][] = [];
  for (let lane = 0; lane < WRITERS; lane += 1) {
    const orders = Array.from({ length: ORDERS_EACH }, (_, n) => orderOf(`writer-${lane}-${n}`, '1000000'));
    for (const order of orders) await store.commitIntent(HELD, order);
    lanes.push(orders);
  }
  let fills = 0;
  const noteFill = async (order: OrderRecord): Promise<void> => {
    const { clientOrderId, symbol, side, price } = order.request;
    fills += 1;
    const ids = { venueTradeId: `t${fills}`, venueOrderId: `v-${clientOrderId}`, clientOrderId };
    const fee = { fee: parseDecimal('0.00001'), feeAsset: 'ETH', maker: false };
    const fill = { ...ids, symbol, side, price, quantity: parseDecimal('1'), ...fee, time: Date.now() };
    const key = { clientOrderId, venueOrderId: '' };
    const observation = { kind: 'FillSeen', fill } as const;
    await store.recordObservation({ key, observation, epoch: HELD.epoch, atMs: Date.now() });
  };
  return {
    start: () => {
      const before = fills;
      const ending = new AbortController();
      const running = lanes.map(async (orders) => {
        for (let turn = 0; !ending.signal.aborted; turn += 1) {
          const order = orders[turn % orders.length];
          if (order !== undefined) await noteFill(order);
        }
      });
      return async () => {
        ending.abort();
        await Promise.all(running);
        return fills - before;
      };
    },
  };
}
