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
import { LiveOrders, type LiveOrdersOptions } from './live-orders.ts';

function intent(decisionId: string): OrderRecord {
  return intendedOrder({ order: approvedOrder(decisionId), instrument: undefined, epoch: 1, intendedAtMs: 1 });
}

function liveOrdersOn(store: Partial<LiveOrdersOptions['store']>, mayRecord = (): boolean => true): LiveOrders {
  const metrics = createExecutionMetrics(new Registry());
  const log = createLogger({ name: 'test', level: 'silent' });
  const record = new MemoryExecutionStore();
  const { loadOrders, recordObservation } = record;
  return new LiveOrders({
    store: { loadOrders, recordObservation, ...store },
    deadLetters: new DeadLetters({ store: record, metrics, log }),
    epoch: () => 1,
    mayRecord,
    metrics,
    clock: virtualClock(),
    log,
  });
}

it('keeps an intent committed while the rows were read, and drops an order that ended elsewhere', async () => {
  const loaded = Promise.withResolvers<LoadedOrders>();
  const liveOrders = liveOrdersOn({ loadOrders: async () => await loaded.promise });
  const [ended, resting, fresh] = [intent('ended'), intent('resting'), intent('fresh')];
  liveOrders.add(ended);
  const reloading = liveOrders.reload();
  await Promise.resolve();
  liveOrders.add(fresh);
  loaded.resolve({ orders: [resting], malformed: [] });
  await reloading;
  expect(liveOrders.live().map(({ decisionId }) => decisionId)).toEqual(['fresh', 'resting']);
});

it('records nothing once another process records, also not what was waiting for its turn', async () => {
  const written: string[] = [];
  let isOver = false;
  const first = Promise.withResolvers<undefined>();
  const recordObservation: LiveOrdersOptions['store']['recordObservation'] = async ({ key }) => {
    written.push(key.clientOrderId);
    return await first.promise;
  };
  const liveOrders = liveOrdersOn({ recordObservation }, () => !isOver);
  const recording = [liveOrders.observe('first', { kind: 'CancelRequested' })];
  const waiting = liveOrders.observe('second', { kind: 'CancelRequested' });
  const noted = liveOrders.observeWithin(1_000, 'third', { kind: 'CancelRequested' });
  await Promise.resolve();
  expect(liveOrders.unrecorded).toBe(2);
  isOver = true;
  first.resolve(undefined);
  await Promise.all(recording);
  await expect(waiting).rejects.toThrow('another process records now');
  await noted;
  expect([written, liveOrders.unrecorded]).toEqual([['first'], 0]);
});
