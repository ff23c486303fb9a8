import { parseDecimal, subtract, ZERO, type Decimal } from '../../../services/shared/domain/decimal.ts';
import type { VenueLogEntry } from '../../../services/exchange-simulator/core/venue-log-entry.ts';

/** Orders that the venue received after a moment, in UTC milliseconds, whether it accepted or rejected them. */
export function ordersReceivedAfter(log: readonly VenueLogEntry[], afterMs: number): readonly VenueLogEntry[] {
  return log.filter(({ kind, receivedAt }) => {
    const isOrder = kind === 'placed' || kind === 'rejected';
    return isOrder && receivedAt !== undefined && receivedAt > afterMs;
  });
}

/** Orders that the whole log of a venue shows as placed, and neither as cancelled nor as filled to the last digit. */
export function openOrdersIn(log: readonly VenueLogEntry[]): readonly VenueLogEntry[] {
  const open = new Map<string, { readonly order: VenueLogEntry; readonly left: Decimal }>();
  for (const entry of log) {
    const { kind, orderId = '', quantity = '0' } = entry;
    if (kind === 'placed') open.set(orderId, { order: entry, left: parseDecimal(quantity) });
    if (kind === 'cancelled') open.delete(orderId);
    const known = open.get(orderId);
    if (kind !== 'fill' || known === undefined) continue;
    const left = subtract(known.left, parseDecimal(quantity));
    if (left === ZERO) open.delete(orderId);
    else open.set(orderId, { ...known, left });
  }
  return [...open.values()].map(({ order }) => order);
}
