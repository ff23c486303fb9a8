import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { approvedOrder } from '../../../test/fixtures/approved-orders.ts';
import { virtualClock } from '../../../test/harness/virtual-clock.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { intendedOrder, type OrderRecord } from '../core/order-record.ts';
import { createExecutionMetrics } from '../metrics.ts';
import type { LoadedOrders } from '../ports.ts';
import { MemoryExecutionStore } from '../store/memory/memory-execution-store.ts';
import { DeadLetters } from './dead-letters.ts';
import { LiveOrders } from './live-orders.ts';

function intent(decisionId: string): OrderRecord {
  return intendedOrder({ order: approvedOrder(decisionId), instrument: undefined, epoch: 1, intendedAtMs: 1 });
}

it('keeps an intent committed while the rows were read, and drops an order that ended elsewhere', async () => {
  const loaded = Promise.withResolvers<LoadedOrders>();
  const metrics = createExecutionMetrics(new Registry());
  const log = createLogger({ name: 'test', level: 'silent' });
  const liveOrders = new LiveOrders({
    store: {
      loadOrders: async () => await loaded.promise,
      recordObservation: async () => await Promise.resolve(undefined),
    },
    deadLetters: new DeadLetters({ store: new MemoryExecutionStore(), metrics, log }),
    epoch: () => 1,
    mayRecord: () => true,
    metrics,
    clock: virtualClock(),
    log,
  });
  const [ended, resting, fresh] = [intent('ended'), intent('resting'), intent('fresh')];
  liveOrders.add(ended);
  const reloading = liveOrders.reload();
  await Promise.resolve();
  liveOrders.add(fresh);
  loaded.resolve({ orders: [resting], malformed: [] });
  await reloading;
  expect(liveOrders.live().map(({ decisionId }) => decisionId)).toEqual(['fresh', 'resting']);
});
