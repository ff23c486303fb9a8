import type { OrderState } from '../../shared/domain/order.ts';
import { isUnanswered } from './order-decider.ts';
import type { ApprovedOrder } from './order-record.ts';

/** What the sender looks at once more right before the intent: risk decided a moment ago. */
export interface AdmissionFacts {
  /** UTC milliseconds. */
  readonly now: number;
  readonly halted: boolean;
  /** The ledger and the venue differ: only orders that sell what we hold. */
  readonly reduceOnly: boolean;
  readonly instrumentKnown: boolean;
  /** States of the live orders on the same instrument. None of them is being sent: one whose POST is unanswered has an unknown outcome. */
  readonly liveStates: readonly OrderState[];
}

export type RefusedAdmission = 'Expired' | 'Halted' | 'InstrumentNotKnown' | 'ReduceOnly' | 'UnknownOrders';

/** Undefined when the order may be sent; else why it never is. First failure decides. Spot: selling what is held is what reduces risk. */
export function admissionRefusal(order: ApprovedOrder, facts: AdmissionFacts): RefusedAdmission | undefined {
  // It was waited for until the deadline: the reason is what was missing, not that time ran out.
  if (!facts.instrumentKnown) return 'InstrumentNotKnown';
  if (facts.now > order.deadline) return 'Expired';
  if (facts.halted) return 'Halted';
  if (order.side === 'sell') return undefined;
  if (facts.reduceOnly) return 'ReduceOnly';
  return facts.liveStates.some(isUnanswered) ? 'UnknownOrders' : undefined;
}
