import type { CanaryTerms } from '../../shared/contracts/control.ts';
import type { OrderState } from '../../shared/domain/orders/order.ts';
import type { Side } from '../../shared/domain/side.ts';
import type { TradingState } from '../../shared/domain/trading-state.ts';
import { isOutsideCanary } from './swap/canary.ts';
import { isUnanswered } from './order-decider.ts';
import type { ApprovedOrder } from './order-record.ts';

/** Facts that the sender checks again immediately before the intent, because risk decided a moment ago. */
export interface AdmissionFacts {
  /** UTC milliseconds. */
  readonly nowMs: number;
  readonly tradingState: TradingState;
  /** Whether risk has requested the cancellation of an order, by its client order ID. */
  readonly isRequested: (clientOrderId: string) => boolean;
  /** True while the ledger and the venue differ: only sells of held assets are allowed. */
  readonly reduceOnly: boolean;
  readonly instrumentKnown: boolean;
  /** False while the instrument or the balances must still be compared with the venue before such an order. */
  readonly reconciled: boolean;
  /** True while something of the instrument could not be processed, so that its position may be wrong. */
  readonly setApart: boolean;
  /** True while another stack trades the instrument on the same account. */
  readonly otherStack: boolean;
  /** What bounds the entries of this epoch. */
  readonly canary: Pick<CanaryTerms, 'since'> | undefined;
  /**
   * States of the live orders on the same instrument. None of them is being sent now, because it takes one at a time:
   * an order whose POST has no answer has an unknown outcome.
   */
  readonly liveStates: readonly OrderState[];
}

export type RefusedAdmission =
  | 'ExitFirst'
  | 'Expired'
  | 'Flattening'
  | 'Halted'
  | 'InstrumentNotKnown'
  | 'NotReconciled'
  | 'OtherStack'
  | 'OutsideCanary'
  | 'Reducing'
  | 'ReduceOnly'
  | 'SetApart'
  | 'UnknownOrders';

/**
 * Returns undefined when the order may be sent, else why it never will be. The first failure decides. On a spot market,
 * selling what is held reduces risk.
 */
export function admissionRefusal(order: ApprovedOrder, facts: AdmissionFacts): RefusedAdmission | undefined {
  // It is not awaited: the exit waits for the end of the order.
  if (isWithdrawn(order, facts.isRequested)) return 'ExitFirst';
  // The order waited for its instrument until the deadline: report what was missing, not that the time ran out.
  if (!facts.instrumentKnown) return 'InstrumentNotKnown';
  if (!facts.reconciled && facts.tradingState !== 'Halted') return 'NotReconciled';
  if (facts.nowMs > lastSendMs(order)) return 'Expired';
  if (facts.tradingState === 'Halted') return 'Halted';
  return order.side === 'sell' ? undefined : entryRefusal(order, facts);
}

/** The last time at which an approved order may be sent, UTC milliseconds. */
export function lastSendMs({ deadline, sendUntil = deadline }: Pick<ApprovedOrder, 'deadline' | 'sendUntil'>): number {
  return Math.min(deadline, sendUntil);
}

/**
 * Whether an order that has not been sent never is, because risk wants it out of the way of an exit. Only a buy can be
 * in the way: no request keeps a sale from being sent.
 */
export function isWithdrawn(
  { side, clientOrderId }: { readonly side: Side; readonly clientOrderId: string },
  isRequested: AdmissionFacts['isRequested'],
): boolean {
  return side === 'buy' && isRequested(clientOrderId);
}

function entryRefusal(order: ApprovedOrder, facts: AdmissionFacts): RefusedAdmission | undefined {
  if (facts.tradingState !== 'Active') return facts.tradingState;
  if (facts.setApart) return 'SetApart';
  if (facts.otherStack) return 'OtherStack';
  if (isOutsideCanary(order, facts.canary)) return 'OutsideCanary';
  if (facts.reduceOnly) return 'ReduceOnly';
  return facts.liveStates.some(isUnanswered) ? 'UnknownOrders' : undefined;
}

/** Whether an order with this refusal waits until its deadline, because the cause may end at any moment. */
export function isAwaited(refusal: RefusedAdmission): boolean {
  return refusal === 'InstrumentNotKnown' || refusal === 'NotReconciled';
}
