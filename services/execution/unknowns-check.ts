import type { Clock } from '../shared/runtime/clock.ts';
import { failed, OK, type CheckResult } from '../shared/runtime/health.ts';
import type { OrderRecord } from './core/order-record.ts';
import type { LiveOrders } from './orders/live-orders.ts';
import type { Resolver } from './orders/resolver.ts';

export interface UnresolvedOrders {
  readonly orders: LiveOrders;
  readonly resolver: Resolver;
}

const UNKNOWN_ALARM_MS = 60_000;

/**
 * Fails when an order has been unknown, or no longer known by the venue, for more than a minute: a person must act. The
 * age counts from the order's timestamp, or from when this process first held it, in case the wall clock was set back.
 */
export function unknownsCheck({ orders, resolver }: UnresolvedOrders, clock: Clock): CheckResult {
  const overdue = overdueOrders({ orders, resolver }, clock);
  if (overdue.length === 0) return endedThereCheck(orders, resolver);
  const ids = overdue.map(({ request }) => request.clientOrderId).slice(0, 5);
  return failed(
    'UnknownOrders',
    `the venue has not reported the outcome of ${overdue.length} orders: ${ids.join(', ')}`,
  );
}

/** Returns the orders that have been unknown for more than a minute, or that the venue no longer knows. */
export function overdueOrders({ orders, resolver }: UnresolvedOrders, clock: Clock): readonly OrderRecord[] {
  return orders.live().filter(({ state, request }) => {
    if (state.kind !== 'Unknown') return resolver.missing.has(request.clientOrderId);
    const heldMs = clock.monotonicMs() - (orders.heldSinceMs(request.clientOrderId) ?? clock.monotonicMs());
    return Math.max(heldMs, clock.nowMs() - state.sinceMs) > UNKNOWN_ALARM_MS;
  });
}

/** An order that has ended at the venue and not here keeps its funds reserved: its fills are not shown. */
function endedThereCheck(orders: LiveOrders, resolver: Resolver): CheckResult {
  const ids = orders.live().map(({ request }) => request.clientOrderId);
  const ended = ids.filter((id) => (resolver.endedThereMs(id) ?? 0) > UNKNOWN_ALARM_MS);
  if (ended.length === 0) return OK;
  const named = ended.slice(0, 5).join(', ');
  return failed(
    'EndedAtVenue',
    `${ended.length} orders have ended there, not here, because fills are missing: ${named}`,
  );
}
