import { formatDecimal, roundToStep, type Decimal } from '../../../shared/domain/decimal.ts';
import type { MarketSnapshot } from '../../../shared/domain/market-snapshot.ts';
import type { Problem } from '../../../shared/domain/problem.ts';
import { checkFeed, checkInstrument, checkReferences } from '../checks/precondition-checks.ts';
import { heldBy, ordersOf } from '../holdings.ts';
import type { RiskState, Signal } from '../risk-state.ts';
import { isDust, sizeOrder } from '../sizing/size-order.ts';

/**
 * What can be done about a position. Working: an order or an approval of it exists. Dust: the venue would not take it.
 * Blocked: it cannot be priced now. Sellable: an exit may be decided.
 */
export type PositionStep =
  | { readonly kind: 'Working'; readonly problem: Problem | undefined }
  | { readonly kind: 'Dust' | 'Blocked'; readonly problem: Problem }
  | { readonly kind: 'Sellable' };

/** Returns what can be done about the position that an exit concerns, as `state` shows it. */
export function stepOf(state: RiskState, signal: Signal): PositionStep {
  const { strategy, symbol } = signal;
  const orders = ordersOf(state, strategy, symbol);
  if (orders.length > 0) return { kind: 'Working', problem: unknownOutcome(orders) };
  const held = heldBy(state, strategy, symbol);
  if (isTooSmall(held, state.market)) return dust(held);
  const unpriced = [checkInstrument, checkFeed, checkReferences]
    .map((check) => check(state, signal).refusal)
    .find((refusal) => refusal !== undefined);
  if (unpriced !== undefined) return { kind: 'Blocked', problem: { reason: unpriced.code, message: unpriced.detail } };
  const sizing = sizeOrder(state, signal);
  return sizing.kind === 'NoAction' && sizing.reason === 'Dust' ? dust(held) : { kind: 'Sellable' };
}

function unknownOutcome(orders: ReturnType<typeof ordersOf>): Problem | undefined {
  const unknown = orders.find(({ state }) => state === 'Unknown');
  if (unknown === undefined) return undefined;
  return { reason: 'UnknownOrders', message: `the outcome of order ${unknown.clientOrderId} is unknown` };
}

/** Whether a quantity is below the minimum at any price. */
function isTooSmall(held: Decimal, market: MarketSnapshot): boolean {
  if (market.instrument === undefined) return false;
  return isDust(roundToStep(held, market.instrument.lotSize, 'floor'), { ...market, book: undefined });
}

function dust(held: Decimal): PositionStep {
  return { kind: 'Dust', problem: { reason: 'Dust', message: `${formatDecimal(held)} is below the venue's minimum` } };
}
