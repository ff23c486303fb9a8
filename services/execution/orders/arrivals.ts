import { isUnanswered } from '../core/order-decider.ts';
import { acceptableForMs, type VisibilityRules } from '../core/unknown-schedule.ts';
import type { Grant } from '../fence/sender-fence.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import type { LiveOrders } from './live-orders.ts';

export interface ArrivalsOptions {
  readonly orders: Pick<LiveOrders, 'live' | 'heldSinceMs'>;
  /** The grant of the fence to this process. */
  readonly grant: () => Grant | undefined;
  readonly rules: Omit<VisibilityRules, 'visibilityMs'>;
  readonly clock: Clock;
}

/**
 * Creates the question whether a request that was signed may still create an order at the venue: one that has no
 * answer, or one of an earlier sender. A list of open orders from before it arrives confirms nothing. An earlier sender
 * may sign until this process is granted the fence, or, without a grant, until it obeys the halt: from `haltedMs` on,
 * when this process was given the halt or saw it in the record.
 */
export function createArrivals({ orders, grant, rules, clock }: ArrivalsOptions): (haltedMs: number) => boolean {
  const mayArrive = (signedByMs: number): boolean => clock.monotonicMs() - signedByMs < acceptableForMs(rules);
  return (haltedMs) => {
    const granted = grant();
    const earlier = granted === undefined ? haltedMs : granted.atMs;
    if (granted?.drained !== true && mayArrive(earlier)) return true;
    return orders
      .live()
      .some(
        ({ state, request }) =>
          isUnanswered(state) && mayArrive(orders.heldSinceMs(request.clientOrderId) ?? clock.monotonicMs()),
      );
  };
}
