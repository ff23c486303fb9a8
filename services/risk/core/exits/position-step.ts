import { DecimalError, formatDecimal, roundToStep, type Decimal } from '../../../shared/domain/decimal.ts';
import type { MarketSnapshot } from '../../../shared/domain/market-snapshot.ts';
import type { Problem } from '../../../shared/domain/problem.ts';
import { ordersMet } from '../checks/order-checks.ts';
import { checkFeed, checkHalt, checkInstrument, checkReferences } from '../checks/precondition-checks.ts';
import { heldBy, ordersOf, type Pair } from '../holdings.ts';
import type { OrderView, RiskState, Signal } from '../risk-state.ts';
import type { Sizing } from '../sizing/draft.ts';
import { isAbsent } from '../sizing/absent-position.ts';
import { exitFunds, missingFunds, reservingBuys } from '../sizing/exit-funds.ts';
import { sizeOrder } from '../sizing/size-order.ts';
import { isDust } from '../sizing/smallest-order.ts';
import { saleProgress } from './sale-progress.ts';
import { workingSale } from './working-sale.ts';

/**
 * What can be done about a position that should be left. Working: a sale or the approval of one exists, and the rest is
 * too small to be sold beside it. Dust: the venue would not take it, or it is not in the account. Blocked: it cannot be
 * priced now, or nothing may be sent. Obstructed: an exit would trade with our own resting buys, of any strategy.
 * Reserved: resting buys of other pairs reserve all that an exit could sell. Sellable: an exit may be decided, at least
 * of the part that is there; the rest may be reserved.
 */
export type PositionStep =
  | { readonly kind: 'Sellable'; readonly problem: Problem | undefined; readonly reserving: readonly OrderView[] }
  | { readonly kind: 'Reserved'; readonly problem: Problem; readonly reserving: readonly OrderView[] }
  | {
      readonly kind: 'Working';
      readonly problem: Problem | undefined;
      readonly progress: Problem;
      /** Whether execution has sent the sale, or may have. */
      readonly isSent: boolean;
    }
  | { readonly kind: 'Obstructed'; readonly problem: Problem; readonly buys: readonly OrderView[] }
  | { readonly kind: 'Dust' | 'Blocked'; readonly problem: Problem };

/** Returns what can be done about the position that an exit concerns, as `state` shows it. Never throws for numbers. */
export function stepOf(state: RiskState, signal: Signal): PositionStep {
  try {
    return stepExactly(state, signal);
  } catch (error) {
    if (!(error instanceof DecimalError)) throw error;
    const message = `the exit cannot be computed: ${error.code}`;
    return { kind: 'Blocked', problem: { reason: 'NotComputable', message } };
  }
}

function stepExactly(state: RiskState, signal: Signal): PositionStep {
  const { strategy, symbol } = signal;
  const sales = ordersOf(state, strategy, symbol).filter((order) => order.side === 'sell');
  const working = workingSale(state, signal);
  if (working !== undefined) return workedBy(working, sales);
  const held = heldBy(state, strategy, symbol);
  if (isTooSmall(held, state.market)) return dust(held);
  if (isAbsent(state, signal)) return unsellable(state, signal);
  const obstacle = [checkHalt, checkInstrument, checkFeed, checkReferences]
    .map((check) => check(state, signal).refusal)
    .find((refusal) => refusal !== undefined);
  if (obstacle !== undefined) return { kind: 'Blocked', problem: { reason: obstacle.code, message: obstacle.detail } };
  const sizing = sizeOrder(state, signal, 'Collar');
  // What is not dust is sized, unless sales that may have ended may have sold it.
  if (sizing.kind === 'NoAction')
    return sizing.reason === 'Dust' || sales[0] === undefined ? unsellable(state, signal) : workedBy(sales[0], sales);
  const buys = sizing.kind === 'Draft' ? ordersMet(state, symbol, sizing.draft) : [];
  if (buys.length > 0) return obstructedBy(buys);
  return sellable(state, signal, sizing);
}

function sellable(state: RiskState, pair: Pair, sizing: Sizing): PositionStep {
  const problem = missingFunds(state, pair);
  const reserving = reservingBuys(state, pair);
  const available = exitFunds(state, pair);
  const isThere = sizing.kind !== 'Draft' || available === undefined || sizing.draft.quantity <= available;
  if (problem === undefined || isThere || reserving.length === 0) return { kind: 'Sellable', problem, reserving };
  const ids = reserving.map(({ clientOrderId }) => clientOrderId).join(', ');
  const message = `${problem.message}; buys that reserve it are being cancelled: ${ids}`;
  return { kind: 'Reserved', problem: { ...problem, message }, reserving };
}

/** Of a position that is too small at the price, or not in the account. */
function unsellable(state: RiskState, pair: Pair): PositionStep {
  const problem = missingFunds(state, pair);
  return problem === undefined ? dust(heldBy(state, pair.strategy, pair.symbol)) : { kind: 'Dust', problem };
}

function workedBy(sale: OrderView, sales: readonly OrderView[]): PositionStep {
  const isSent = sale.state !== 'Approved' && sale.state !== 'Intended';
  return { kind: 'Working', problem: unknownOutcome(sales), progress: saleProgress(sale), isSent };
}

function obstructedBy(buys: readonly OrderView[]): PositionStep {
  const ids = buys.map(({ clientOrderId }) => clientOrderId);
  const message = `an exit would trade with our own buys, which are being cancelled: ${ids.join(', ')}`;
  return { kind: 'Obstructed', problem: { reason: 'SelfTrade', message }, buys };
}

function unknownOutcome(orders: readonly OrderView[]): Problem | undefined {
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
