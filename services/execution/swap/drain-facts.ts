import { mayRest } from '../../shared/domain/orders/order.ts';
import { isUnanswered } from '../core/order-decider.ts';
import type { OrderRecord } from '../core/order-record.ts';
import type { DrainFacts } from '../core/swap/why-not-drained.ts';
import type { SenderFence } from '../fence/sender-fence.ts';
import type { CommitDoubts } from '../orders/commit-doubts.ts';
import type { DeadLetters } from '../orders/dead-letters.ts';
import type { LiveOrders } from '../orders/live-orders.ts';

/** What a sender that takes no order any more knows of its orders. */
export interface DrainedOrders {
  readonly fence: SenderFence;
  readonly orders: LiveOrders;
  /** Orders that are being committed or sent. */
  readonly inFlight: ReadonlySet<string>;
  readonly doubts: Pick<CommitDoubts, 'symbols'>;
  readonly deadLetters: Pick<DeadLetters, 'open' | 'unsaved' | 'sync'>;
}

/** Gathers what a drain has to wait for. With `cancels`, orders that may rest count too. */
export function drainFacts(
  { fence, orders, inFlight, doubts, deadLetters }: DrainedOrders,
  cancels: boolean,
): DrainFacts {
  const live = orders.live();
  return {
    reconciled: fence.hasReconciled,
    inFlight: inFlight.size,
    unanswered: live.filter(isOpenEnded).map(({ request }) => request.clientOrderId),
    doubtful: doubts.symbols,
    unreadable: orders.malformed().map(({ clientOrderId }) => clientOrderId),
    unrecorded: orders.unrecorded + deadLetters.unsaved,
    resting: cancels ? live.filter(({ request }) => mayRest(request.type)).length : 0,
  };
}

/** An order that never rests has fills on their way until it has ended here. */
function isOpenEnded({ state, request }: OrderRecord): boolean {
  return isUnanswered(state) || !mayRest(request.type);
}
