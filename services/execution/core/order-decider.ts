import { add, type Decimal } from '../../shared/domain/decimal.ts';
import type { Fill } from '../../shared/domain/orders/fill.ts';
import { fillProblem } from '../../shared/domain/orders/fill-problem.ts';
import { canTransition, isTerminal, transition, type OrderState } from '../../shared/domain/orders/order.ts';
import type { OrderReport, OrderReportStatus } from '../../shared/domain/orders/order-report.ts';
import { UnprocessableError } from '../../shared/domain/unprocessable-error.ts';
import type { Observation } from './observation.ts';
import type { OrderRecord } from './order-record.ts';

/**
 * A change of an order's record. `lacksFunds`: the venue rejected it because the account has less than it needs. `late`
 * marks a fill that arrived after the order had ended or that exceeds its quantity: it is still booked, and a person
 * must investigate. EndReported: the venue has reported the end of the order and what it executed, and not all of those
 * fills are recorded. The state stays.
 */
export type OrderEvent =
  | { readonly kind: 'Moved'; readonly state: OrderState; readonly lacksFunds?: true }
  | { readonly kind: 'FillAdded'; readonly fill: Fill; readonly state: OrderState; readonly late: boolean }
  | { readonly kind: 'EndReported'; readonly executed: Decimal; readonly state: OrderState };

/**
 * Returns the events that follow from an observation. Late, repeated and reordered observations yield no events instead
 * of errors, because streams, replies and queries overtake each other. An order ends only when the fills that the venue
 * reports are recorded, so that the fills of an ended order are complete. Throws UnprocessableError on a fill that
 * cannot be true: its trade stays unknown, so that it is booked when the venue shows the right one.
 */
export function decide(order: OrderRecord, observation: Observation): readonly OrderEvent[] {
  switch (observation.kind) {
    case 'FillSeen':
      return onFill(order, observation.fill);
    case 'Reported':
      return onReport(order, observation.report);
    case 'Accepted':
      return onAccepted(order, observation.venueOrderId);
    case 'CancelRequested':
      return onCancelRequested(order);
    case 'NotSent':
      return onNotSent(order, observation.reason);
    case 'OutcomeUnknown':
      return onUnknown(order, observation.atMs);
    case 'Refused':
      return onRefused(order, observation);
    case 'Concluded':
    default:
      return onConcluded(order, observation.reason);
  }
}

/**
 * Returns the record after an event of `decide`. Throws TransitionError on a step that the state table does not allow.
 */
export function evolve(order: OrderRecord, event: OrderEvent): OrderRecord {
  if (event.kind === 'Moved') return { ...order, state: transition(order.state, event.state) };
  if (event.kind === 'EndReported') return { ...order, finalExecuted: event.executed };
  const { fill, state, late } = event;
  return {
    ...order,
    state: late && isTerminal(order.state) ? order.state : transition(order.state, state),
    filled: add(order.filled, fill.quantity),
    tradeIds: new Set([...order.tradeIds, fill.venueTradeId]),
  };
}

/** Result of an observation. */
export interface OrderChange {
  /** After the events. */
  readonly order: OrderRecord;
  readonly events: readonly OrderEvent[];
}

export function observe(order: OrderRecord, observation: Observation): OrderChange {
  const events = decide(order, observation);
  return { order: events.reduce(evolve, order), events };
}

function onFill(order: OrderRecord, fill: Fill): readonly OrderEvent[] {
  if (order.tradeIds.has(fill.venueTradeId)) return [];
  const problem = fillProblem(fill, order.request);
  if (problem !== undefined) throw new UnprocessableError(problem);
  const filled = add(order.filled, fill.quantity);
  const { state, request } = order;
  if (isTerminal(state)) return [{ kind: 'FillAdded', fill, state, late: true }];
  return [{ kind: 'FillAdded', fill, state: stateAfterFill(order, fill, filled), late: filled > request.quantity }];
}

function stateAfterFill({ state, request }: OrderRecord, fill: Fill, filled: Decimal): OrderState {
  const { venueOrderId } = fill;
  if (filled >= request.quantity) return { kind: 'Filled', venueOrderId, filled };
  return { kind: state.kind === 'CancelPending' ? 'CancelPending' : 'PartiallyFilled', venueOrderId, filled };
}

function onReport(order: OrderRecord, report: OrderReport): readonly OrderEvent[] {
  const { state, filled } = order;
  // The report is older than the fills recorded so far.
  if (isTerminal(state) || report.executed < filled) return [];
  const { venueOrderId, status } = report;
  const complete = report.executed === filled;
  if (complete && status === 'Filled') return [moved({ kind: 'Filled', venueOrderId, filled })];
  if (complete && status === 'Cancelled') return [moved({ kind: 'Cancelled', venueOrderId, filled })];
  const steps = isUnanswered(state) ? [moved(liveState(venueOrderId, filled))] : [];
  return [...steps, ...onEndReport(order, report, steps.at(-1)?.state ?? state)];
}

/** What an order has executed never shrinks, so of several reports the highest counts. */
function onEndReport(
  { finalExecuted }: OrderRecord,
  { status, executed }: OrderReport,
  state: OrderState,
): readonly OrderEvent[] {
  if (!isEnd(status) || (finalExecuted !== undefined && executed <= finalExecuted)) return [];
  return [{ kind: 'EndReported', executed, state }];
}

function onRefused(order: OrderRecord, refused: Observation & { readonly kind: 'Refused' }): readonly OrderEvent[] {
  if (!isUnanswered(order.state) || order.filled !== 0n) return [];
  const { code, lacksFunds } = refused;
  const steps = path(order, { kind: 'Rejected', code });
  return lacksFunds ? steps.map((step) => (step.state.kind === 'Rejected' ? { ...step, lacksFunds } : step)) : steps;
}

function onNotSent({ state }: OrderRecord, reason: string): readonly OrderEvent[] {
  return state.kind === 'Intended' ? [moved({ kind: 'NeverSent', reason })] : [];
}

function onAccepted(order: OrderRecord, venueOrderId: string): readonly OrderEvent[] {
  return isUnanswered(order.state) ? path(order, liveState(venueOrderId, order.filled)) : [];
}

function onCancelRequested({ state, filled }: OrderRecord): readonly OrderEvent[] {
  if (state.kind !== 'Open' && state.kind !== 'PartiallyFilled') return [];
  return [moved({ kind: 'CancelPending', venueOrderId: state.venueOrderId, filled })];
}

function onUnknown(order: OrderRecord, atMs: number): readonly OrderEvent[] {
  const { kind } = order.state;
  if (kind !== 'Intended' && kind !== 'Submitted') return [];
  return path(order, { kind: 'Unknown', sinceMs: atMs, filled: order.filled, venueOrderId: undefined });
}

function onConcluded({ state, filled }: OrderRecord, reason: string): readonly OrderEvent[] {
  // An order with fills was sent.
  if ((state.kind !== 'Unknown' && state.kind !== 'Intended') || filled > 0n) return [];
  return [moved({ kind: 'NeverSent', reason })];
}

/** Whether the order trades no more at the venue. */
export function isEnd(status: OrderReportStatus): boolean {
  return status === 'Filled' || status === 'Cancelled';
}

/** Whether the outcome of the POST is still unknown. */
export function isUnanswered(state: OrderState): boolean {
  return state.kind === 'Intended' || state.kind === 'Submitted' || state.kind === 'Unknown';
}

function liveState(venueOrderId: string, filled: Decimal): OrderState {
  return filled > 0n ? { kind: 'PartiallyFilled', venueOrderId, filled } : { kind: 'Open', venueOrderId };
}

/** Returns one step, or two via Submitted: a reply to the POST proves that it was sent. */
function path(order: OrderRecord, state: OrderState): readonly OrderEvent[] {
  if (order.state.kind !== 'Intended' || !canTransition('Submitted', state.kind)) return [moved(state)];
  return [moved({ kind: 'Submitted' }), moved(state)];
}

function moved(state: OrderState): OrderEvent & { readonly kind: 'Moved' } {
  return { kind: 'Moved', state };
}
