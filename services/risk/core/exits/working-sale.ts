import { ordersOf, type Pair } from '../holdings.ts';
import type { OrderView, RiskState } from '../risk-state.ts';

/**
 * How long after its intent a sale works its position. A sale takes at once or ends, so that an older one has most
 * likely ended, and its end is not recorded: the venue does not answer for it, has lost it, or hides its last fills. It
 * may stay so for ever.
 */
const WORKS_FOR_MS = 30_000;

/**
 * Returns the sale that works the position: a live one, or an approval. One of unknown outcome may have ended, and so
 * may one that is overdue or whose time is unknown. One whose end the venue has reported has ended. An exit leaves out
 * what such a sale may still add to the recorded fills.
 */
export function workingSale(
  state: Pick<RiskState, 'orders' | 'nowMs'>,
  { strategy, symbol }: Pair,
): OrderView | undefined {
  return ordersOf(state, strategy, symbol).find((order) => order.side === 'sell' && isWorking(order, state.nowMs));
}

/** An approval ends by itself, after its deadline. Also after a step of the clock, no sale is waited for longer. */
function isWorking({ state, sinceMs, finalExecuted }: OrderView, nowMs: number): boolean {
  if (state === 'Approved') return true;
  if (state === 'Unknown' || finalExecuted !== undefined) return false;
  return sinceMs !== undefined && Math.abs(nowMs - sinceMs) < WORKS_FOR_MS;
}
