import { mayRest } from '../../../shared/domain/orders/order.ts';
import type { OrderView } from '../risk-state.ts';

/**
 * Whether an order is a buy that can still be stopped: one that may rest at the venue, or the approval of one of any
 * type, which may be sent much later than it was decided.
 */
export function isStoppableBuy({ side, type, state }: Pick<OrderView, 'side' | 'type' | 'state'>): boolean {
  return side === 'buy' && (state === 'Approved' || mayRest(type));
}
