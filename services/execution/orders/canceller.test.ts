import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { approvedOrder } from '../../../test/fixtures/approved-orders.ts';
import { virtualClock } from '../../../test/harness/virtual-clock.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { Canceller } from './canceller.ts';
import { intendedOrder } from '../core/order-record.ts';
import { createExecutionMetrics } from '../metrics.ts';
import { LiveOrders } from './live-orders.ts';

it('cancels from memory while Postgres is unavailable, and repeats each request after a second', async () => {
  const clock = virtualClock();
  const log = createLogger({ name: 'test', level: 'silent' });
  const unavailable = async (): Promise<never> => await Promise.reject(new Error('Postgres is unavailable'));
  const orders = new LiveOrders({
    store: { recordObservation: unavailable, loadOrders: unavailable },
    epoch: () => 1,
    metrics: createExecutionMetrics(new Registry()),
    clock,
    log,
  });
  for (const id of ['a', 'b']) {
    const order = approvedOrder(id, { clientOrderId: id, type: 'LIMIT' });
    const intent = intendedOrder({ order, instrument: undefined, epoch: 1, intendedAtMs: 1 });
    orders.add({ ...intent, state: { kind: 'Open', venueOrderId: `V${id}` } });
  }
  const cancelled: string[] = [];
  const cancel = async (_symbol: string, id: string) => {
    cancelled.push(id);
    return await Promise.resolve({ kind: 'ok', value: undefined } as const);
  };
  const canceller = new Canceller({ venue: { cancel }, orders, halted: () => true, clock, log });
  await canceller.cancelDue();
  await canceller.cancelDue();
  expect(cancelled).toEqual(['a', 'b']);
  await clock.advance(1_000);
  await canceller.cancelDue();
  expect(cancelled).toEqual(['a', 'b', 'a', 'b']);
});
