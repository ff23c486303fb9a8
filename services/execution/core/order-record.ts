import type { Approved } from '../../shared/domain/orders/approved.ts';
import { ZERO, type Decimal } from '../../shared/domain/decimal.ts';
import { assetsOf, type Instrument } from '../../shared/domain/instrument.ts';
import type { OrderRequest, OrderState } from '../../shared/domain/orders/order.ts';
import type { RequoteTerms } from '../../shared/domain/orders/requote-terms.ts';
import { reservationOf, type Reservation } from '../../shared/domain/orders/reservation.ts';
import type { ApprovedOrderMessage } from '../../shared/contracts/messages/approved-order.ts';

/** An order that risk approved. Only a value of this type can become an intent. */
export type ApprovedOrder = Approved<ApprovedOrderMessage>;

/** One of our orders: its row, and the venue's trade IDs of the fills counted in `filled`. */
export interface OrderRecord {
  readonly request: OrderRequest;
  readonly decisionId: string;
  readonly strategy: string;
  /** Epoch of the sender that committed the intent. */
  readonly epoch: number;
  /** UTC milliseconds. The order is not sent after this time; a resting order is cancelled then. */
  readonly deadlineMs: number;
  readonly riskHash: string;
  /** Absent: the order rests until its deadline. */
  readonly requote?: RequoteTerms;
  readonly reservedAsset: string;
  readonly reserved: Decimal;
  /** Time of the commit, UTC milliseconds. The request is signed with this timestamp. */
  readonly intendedAtMs: number;
  readonly state: OrderState;
  /** Sum of the recorded fills, in base. */
  readonly filled: Decimal;
  readonly tradeIds: ReadonlySet<string>;
  /** What the order has executed in all, in base, once the venue has reported its end: more than the recorded fills. */
  readonly finalExecuted?: Decimal;
}

/** Whether the venue is known to have given the order this ID. */
export function hasVenueOrderId({ state }: Pick<OrderRecord, 'state'>, venueOrderId: string): boolean {
  return venueOrderId !== '' && 'venueOrderId' in state && state.venueOrderId === venueOrderId;
}

/** A decision of risk that approved an order. */
export interface OrderDecision {
  readonly decisionId: string;
  readonly strategy: string;
  /** UTC milliseconds. */
  readonly deadlineMs: number;
  readonly riskHash: string;
  /** Undefined when this release cannot parse it. */
  readonly approval: ApprovedOrder | undefined;
}

interface Intent {
  readonly order: ApprovedOrder;
  readonly epoch: number;
  readonly intendedAtMs: number;
}

/** Returns the row of an approved order that is never sent. It reserves nothing, so every approval has one. */
export function neverSentOrder(intent: Intent, reason: string): OrderRecord {
  const { base, quote } = assetsOf(intent.order.symbol);
  const row = rowOf(intent, { asset: intent.order.side === 'sell' ? base : quote, amount: ZERO });
  return { ...row, state: { kind: 'NeverSent', reason } };
}

/**
 * Returns the intent of an approved order, with the funds that it reserves until it ends. Throws DecimalError when they
 * are out of range.
 */
export function intendedOrder(
  intent: Intent & {
    /** Undefined when the instrument is unknown: only for an order that was sent by another process. */
    readonly instrument: Pick<Instrument, 'takerFee'> | undefined;
  },
): OrderRecord {
  return rowOf(intent, reservationOf(intent.order, intent.instrument?.takerFee ?? ZERO));
}

function rowOf({ order, epoch, intendedAtMs }: Intent, reservation: Reservation): OrderRecord {
  const { clientOrderId, symbol, side, type, price, quantity } = order;
  return {
    request: { clientOrderId, symbol, side, type, price, quantity },
    decisionId: order.decisionId,
    strategy: order.strategy,
    epoch,
    deadlineMs: order.deadline,
    riskHash: order.riskHash,
    ...(order.requote !== undefined && { requote: order.requote }),
    reservedAsset: reservation.asset,
    reserved: reservation.amount,
    intendedAtMs,
    state: { kind: 'Intended' },
    filled: ZERO,
    tradeIds: new Set(),
  };
}
