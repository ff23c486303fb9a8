import { expect, test } from 'vitest';
import type { VenueLogEntry } from '../../../services/exchange-simulator/core/venue-log-entry.ts';
import { openOrdersIn, ordersReceivedAfter } from './venue-orders.ts';

function entry(seq: number, kind: VenueLogEntry['kind'], orderId: string): VenueLogEntry {
  return { seq, kind, orderId, time: seq };
}

test('returns the orders that the venue received after a moment, accepted or rejected', () => {
  const log: VenueLogEntry[] = [
    { ...entry(1, 'placed', 'before'), receivedAt: 100 },
    { ...entry(2, 'placed', 'after'), receivedAt: 101 },
    { ...entry(3, 'rejected', 'refused'), receivedAt: 102 },
    entry(4, 'fill', 'before'),
    entry(5, 'cancelled', 'after'),
  ];
  expect(ordersReceivedAfter(log, 100).map(({ orderId }) => orderId)).toEqual(['after', 'refused']);
});

test('returns the orders that are open at the end of a log', () => {
  const log: VenueLogEntry[] = [
    { ...entry(1, 'placed', 'open'), quantity: '3' },
    { ...entry(2, 'placed', 'filled'), quantity: '3' },
    { ...entry(3, 'placed', 'cancelled'), quantity: '3' },
    { ...entry(4, 'fill', 'open'), quantity: '2.9' },
    { ...entry(5, 'fill', 'filled'), quantity: '1' },
    { ...entry(6, 'fill', 'cancelled'), quantity: '1' },
    entry(7, 'cancelled', 'cancelled'),
    { ...entry(8, 'fill', 'filled'), quantity: '2.0' },
  ];
  expect(openOrdersIn(log).map(({ orderId }) => orderId)).toEqual(['open']);
});
