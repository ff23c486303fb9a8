import { expect, test } from 'vitest';
import type { VenueLogEntry } from '../../services/exchange-simulator/core/venue-log-entry.ts';
import { buysIn, fillsOfNewOrdersIn } from './trading.ts';

function entry(seq: number, kind: VenueLogEntry['kind'], orderId: string): VenueLogEntry {
  return { seq, kind, orderId, time: seq };
}

test('does not count fills of orders that were placed before the log begins', () => {
  expect(fillsOfNewOrdersIn([entry(7, 'fill', 'old'), entry(8, 'placed', 'new')])).toBe(0);
});

test('counts fills of orders that the log shows as placed', () => {
  const log = [entry(7, 'placed', 'new'), entry(8, 'fill', 'old'), entry(9, 'fill', 'new'), entry(10, 'fill', 'new')];
  expect(fillsOfNewOrdersIn(log)).toBe(2);
});

test('returns the buys that the venue received strictly between two times', () => {
  const placed = (clientOrderId: string, side: 'buy' | 'sell', receivedAt: number): VenueLogEntry => ({
    ...entry(receivedAt, 'placed', clientOrderId),
    clientOrderId,
    side,
    receivedAt,
  });
  const log = [
    placed('early', 'buy', 10),
    placed('in', 'buy', 11),
    placed('sale', 'sell', 12),
    { ...placed('refused', 'buy', 13), kind: 'rejected' as const },
    placed('late', 'buy', 14),
  ];
  expect(buysIn(log, 10, 14)).toEqual(['in']);
});
