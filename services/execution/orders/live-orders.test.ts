import { expect, it } from 'vitest';
import { approvedOrder } from '../../../test/fixtures/approved-orders.ts';
import { liveOrdersOn } from '../../../test/harness/execution/live-orders-on.ts';
import { intendedOrder, type OrderRecord } from '../core/order-record.ts';
import type { LoadedOrders } from '../ports.ts';
import type { LiveOrdersOptions } from './live-orders.ts';

function intent(decisionId: string): OrderRecord {
  return intendedOrder({ order: approvedOrder(decisionId), instrument: undefined, epoch: 1, intendedAtMs: 1 });
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
  const seen = { kind: 'CancelRequested' } as const;
  const recording = liveOrders.observe('first', seen);
  const waiting = liveOrders.observe('second', seen);
  const noted = liveOrders.observeWithin(1_000, 'third', seen);
  while (written.length === 0) await Promise.resolve();
  expect(liveOrders.unrecorded).toBe(2);
  isOver = true;
  first.resolve(undefined);
  await recording;
  await expect(waiting).rejects.toThrow('another process records now');
  await noted;
  expect([written, liveOrders.unrecorded]).toEqual([['first'], 0]);
});

it("finds an order that has not ended by the venue's ID, in its instrument only", () => {
  const liveOrders = liveOrdersOn({});
  const order: OrderRecord = { ...intent('resting'), state: { kind: 'Open', venueOrderId: 'V1' } };
  const { clientOrderId, symbol } = order.request;
  liveOrders.add(intent('on its way'));
  liveOrders.add(order);
  expect(liveOrders.idOf(symbol, 'V1')).toBe(clientOrderId);
  expect([liveOrders.idOf(symbol, 'V2'), liveOrders.idOf('ADA/ETH', 'V1')]).toEqual([undefined, undefined]);
});
