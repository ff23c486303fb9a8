import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { approvedOrder } from '../../../test/fixtures/approved-orders.ts';
import { virtualClock } from '../../../test/harness/virtual-clock.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { intendedOrder, type OrderRecord } from '../core/order-record.ts';
import { executionMetrics } from '../metrics.ts';
import { OrderKeeper } from './live-orders.ts';

function intent(decisionId: string): OrderRecord {
  return intendedOrder({ order: approvedOrder(decisionId), instrument: undefined, epoch: 1, intendedAt: 1 });
}

it('keeps an intent that was committed while the rows were being read, and forgets what has ended elsewhere', async () => {
  const loaded = Promise.withResolvers<readonly OrderRecord[]>();
  const keeper = new OrderKeeper({
    store: {
      loadOrders: async () => await loaded.promise,
      recordObservation: async () => await Promise.resolve(undefined),
    },
    epoch: () => 1,
    metrics: executionMetrics(new Registry()),
    clock: virtualClock(),
    log: createLogger({ name: 'test', level: 'silent' }),
  });
  const [ended, resting, fresh] = [intent('ended'), intent('resting'), intent('fresh')];
  keeper.keep(ended);
  const reloading = keeper.reload();
  await Promise.resolve();
  keeper.keep(fresh);
  loaded.resolve([resting]);
  await reloading;
  expect(keeper.live().map(({ decisionId }) => decisionId)).toEqual(['fresh', 'resting']);
});
