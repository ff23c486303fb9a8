import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { approvedOrder } from '../../../test/fixtures/approved-orders.ts';
import { virtualClock } from '../../../test/harness/virtual-clock.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { intendedOrder, type OrderRecord } from '../core/order-record.ts';
import { createExecutionMetrics } from '../metrics.ts';
import { LiveOrders } from './live-orders.ts';

function intent(decisionId: string): OrderRecord {
  return intendedOrder({ order: approvedOrder(decisionId), instrument: undefined, epoch: 1, intendedAtMs: 1 });
}

it('keeps an intent committed while the rows were read, and drops an order that ended elsewhere', async () => {
  const loaded = Promise.withResolvers<readonly OrderRecord[]>();
  const liveOrders = new LiveOrders({
    store: {
      loadOrders: async () => await loaded.promise,
      recordObservation: async () => await Promise.resolve(undefined),
    },
    epoch: () => 1,
    metrics: createExecutionMetrics(new Registry()),
    clock: virtualClock(),
    log: createLogger({ name: 'test', level: 'silent' }),
  });
  const [ended, resting, fresh] = [intent('ended'), intent('resting'), intent('fresh')];
  liveOrders.add(ended);
  const reloading = liveOrders.reload();
  await Promise.resolve();
  liveOrders.add(fresh);
  loaded.resolve([resting]);
  await reloading;
  expect(liveOrders.live().map(({ decisionId }) => decisionId)).toEqual(['fresh', 'resting']);
});
