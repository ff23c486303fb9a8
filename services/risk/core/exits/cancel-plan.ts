import type { WantedCancel } from './cancel-request.ts';
import { isStoppableBuy } from './stoppable-buy.ts';
import type { OrderView, RiskState } from '../risk-state.ts';

/**
 * Returns the buys to withdraw or cancel, each once: those that would go on buying what should be left, whether
 * anything is held yet or not, those that reserve what an exit sells, and those that an exit would meet (`met`), of any
 * strategy. What was requested before is left out.
 */
export function planCancels(
  { orders, cancelRequests }: Pick<RiskState, 'orders' | 'cancelRequests'>,
  isLeaving: (order: OrderView) => boolean,
  met: readonly OrderView[],
): readonly WantedCancel[] {
  const requested = new Set(cancelRequests.map(({ clientOrderId }) => clientOrderId));
  return orders.flatMap((order): readonly WantedCancel[] => {
    const { clientOrderId, symbol } = order;
    if (!isStoppableBuy(order) || requested.has(clientOrderId)) return [];
    if (isLeaving(order)) return [{ clientOrderId, symbol, reason: 'Leaving' }];
    return met.includes(order) ? [{ clientOrderId, symbol, reason: 'SelfTrade' }] : [];
  });
}
