import { expect, it } from 'vitest';
import type { VenueLogEntry } from '../../services/exchange-simulator/core/venue-log-entry.ts';
import { lateOrders, WINDOW_MS, type SwapEvidence } from './late-orders.ts';

const GRANTED_MS = 10_000;
const epochOf = new Map([
  ['a', 1],
  ['b', 1],
  ['c', 2],
]);

function entry(clientOrderId: string, receivedAt: number, kind: 'placed' | 'rejected' | 'fill' = 'placed') {
  return { seq: receivedAt, kind, time: receivedAt, receivedAt, clientOrderId } as VenueLogEntry;
}

function found(log: readonly VenueLogEntry[], change: Partial<SwapEvidence> = {}): readonly string[] {
  return lateOrders({ log, epochOf, fence: { epoch: 2, grantedMs: GRANTED_MS }, ...change });
}

it('finds nothing in a change after which only the next sender sends', () => {
  expect(found([entry('a', 9_000), entry('b', 9_999), entry('c', 10_050), entry('a', 20_000, 'fill')])).toEqual([]);
});

it('allows a request that was on its way at the grant, and none after the window', () => {
  expect(found([entry('a', GRANTED_MS + WINDOW_MS)])).toEqual([]);
  expect(found([entry('a', GRANTED_MS + WINDOW_MS + 1)])).toEqual([
    'I3: placed order a of epoch 1 came 2501 ms after epoch 2 was granted',
  ]);
});

it('finds an order of the older epoch after the first one of the newer, also within the window', () => {
  expect(found([entry('c', 10_050), entry('b', 10_060)])).toEqual([
    'I3: 1 orders of older epochs came after the first one of epoch 2',
  ]);
});

it('finds an order that the venue rejected', () => {
  expect(found([entry('b', 13_000, 'rejected')])).toEqual([
    'I3: rejected order b of epoch 1 came 3000 ms after epoch 2 was granted',
  ]);
});

it('allows a sender that was stopped no order once it continues, if the fence was granted meanwhile', () => {
  expect(found([entry('a', 10_400)], { resumedMs: 10_500 })).toEqual([]);
  expect(found([entry('a', 10_501)], { resumedMs: 10_500 })).toEqual([
    'I3: placed order a of epoch 1 came by a sender that had been stopped, 501 ms after epoch 2 was granted',
  ]);
});

it('allows a sender that was stopped its orders until the fence is granted', () => {
  expect(found([entry('a', 9_500), entry('b', 10_100)], { resumedMs: 9_000 })).toEqual([]);
});

it('leaves orders that the record lacks to the comparison of the books', () => {
  expect(found([entry('x', 20_000)])).toEqual([]);
});
