import { formatDecimal } from '../../../shared/domain/decimal.ts';
import type { Problem } from '../../../shared/domain/problem.ts';
import { ordersOf, type Pair } from '../holdings.ts';
import type { OrderView, RiskState } from '../risk-state.ts';

/** Returns the sale that works the position: a live one, or an approval. One of unknown outcome may have ended. */
export function workingSale(state: Pick<RiskState, 'orders'>, { strategy, symbol }: Pair): OrderView | undefined {
  return ordersOf(state, strategy, symbol).find((order) => order.side === 'sell' && order.state !== 'Unknown');
}

/** Says how far a sale is. It may never end, so this is what the position waits for. */
export function saleProgress({ clientOrderId, state, filled, quantity, sinceMs }: OrderView): Problem {
  const since = sinceMs === undefined ? 'an unknown time' : new Date(sinceMs).toISOString();
  const name = `sale ${clientOrderId} of ${since}`;
  const message =
    state === 'Approved'
      ? `the approval of ${name} has no order yet`
      : `${name} is ${state}: ${formatDecimal(filled)} of ${formatDecimal(quantity)} are filled`;
  return { reason: 'SaleLive', message };
}
