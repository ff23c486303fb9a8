import { ZERO } from '../../../shared/domain/decimal.ts';
import { assetsOf, type Instrument } from '../../../shared/domain/instrument.ts';
import type { OrderReport } from '../../../shared/domain/orders/order-report.ts';
import { reservationOf } from '../../../shared/domain/orders/reservation.ts';
import { deadLetter, type DeadLetter } from '../dead-letter.ts';
import { intendedOrder, type OrderDecision, type OrderRecord } from '../order-record.ts';

/** Strategy, risk hash and decision of the orders whose decision is lost. */
const ADOPTED = 'adopted';

export interface AdoptionFacts {
  /** The decision that the client order ID was derived from; undefined when it is lost. */
  readonly decision: OrderDecision | undefined;
  readonly instrument: Pick<Instrument, 'takerFee'> | undefined;
  readonly epoch: number;
  /** UTC milliseconds. */
  readonly intendedAtMs: number;
}

/**
 * Returns the row of an order that the venue has and the record lost. With its decision, the order keeps its strategy,
 * its reservation and its deadline, and the approval has ended. Without one, why it was sent is unknown: its deadline
 * is now, and it reserves nothing beyond the venue's own lock. Throws DecimalError when the reservation is too large.
 */
export function adoptedOrder(report: OrderReport, { decision, instrument, ...sent }: AdoptionFacts): OrderRecord {
  const state = { kind: 'Open', venueOrderId: report.venueOrderId } as const;
  if (decision === undefined) return { ...rowOf(report, unexplained(report, sent.intendedAtMs)), ...sent, state };
  const { approval, ...origin } = decision;
  if (approval !== undefined) return { ...intendedOrder({ order: approval, instrument, ...sent }), state };
  const { amount: reserved } = reservationOf(report, instrument?.takerFee ?? ZERO);
  return { ...rowOf(report, { ...origin, reserved }), ...sent, state };
}

type Origin = Pick<OrderRecord, 'decisionId' | 'strategy' | 'deadlineMs' | 'riskHash' | 'reserved'>;

function unexplained({ clientOrderId }: OrderReport, nowMs: number): Origin {
  const decisionId = `${ADOPTED}:${clientOrderId}`;
  return { decisionId, strategy: ADOPTED, deadlineMs: nowMs, riskHash: ADOPTED, reserved: ZERO };
}

/** Returns what the venue reports of the order, with its origin. */
function rowOf(
  { clientOrderId, symbol, side, price, quantity, resting }: OrderReport,
  origin: Origin,
): Omit<OrderRecord, 'epoch' | 'intendedAtMs' | 'state'> {
  return {
    request: { clientOrderId, symbol, side, price, quantity, type: resting ? 'LIMIT' : 'IMMEDIATE_OR_CANCEL' },
    reservedAsset: assetsOf(symbol)[side === 'buy' ? 'quote' : 'base'],
    filled: ZERO,
    tradeIds: new Set(),
    ...origin,
  };
}

/** Returns the letter of an adopted order without a decision. Only a person can clear it. */
export function unexplainedOrder(report: OrderReport): DeadLetter {
  const { clientOrderId, symbol } = report;
  const error = 'no decision explains this order with our tag: its position belongs to no strategy';
  return deadLetter({ kind: 'Order', id: `${clientOrderId} Adopted` }, { symbol, payload: { report }, error });
}
