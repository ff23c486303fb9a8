import { ZERO, type Decimal } from '../decimal.ts';
import type { Side } from '../side.ts';

/**
 * Order types. LIMIT fills at once as far as it can, and rests until it is filled or cancelled. LIMIT_MAKER is
 * post-only: it rests, and the venue ends it without a fill where it would fill at once. The others never rest:
 * IMMEDIATE_OR_CANCEL fills what it can, FILL_OR_KILL all or nothing.
 */
export const ORDER_TYPES = ['LIMIT', 'LIMIT_MAKER', 'IMMEDIATE_OR_CANCEL', 'FILL_OR_KILL'] as const;
export type OrderType = (typeof ORDER_TYPES)[number];

/** Whether an order of this type may rest in the order book. */
export function mayRest(type: OrderType): boolean {
  return type === 'LIMIT' || type === 'LIMIT_MAKER';
}

/** An order as requested from the venue: everything that is known before the first byte is sent. */
export interface OrderRequest {
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly side: Side;
  readonly type: OrderType;
  readonly price: Decimal;
  readonly quantity: Decimal;
}

/**
 * States that an order still leaves, through our action or a report of the venue. Each carries only what is known then.
 * Filled amounts are in base.
 */
export type LiveState =
  | { readonly kind: 'Intended' }
  | { readonly kind: 'Submitted' }
  | { readonly kind: 'Open'; readonly venueOrderId: string }
  | { readonly kind: 'PartiallyFilled'; readonly venueOrderId: string; readonly filled: Decimal }
  | { readonly kind: 'CancelPending'; readonly venueOrderId: string; readonly filled: Decimal }
  | {
      readonly kind: 'Unknown';
      readonly sinceMs: number;
      readonly filled: Decimal;
      readonly venueOrderId: string | undefined;
    };

/** Final states. */
export type TerminalState =
  | { readonly kind: 'Filled'; readonly venueOrderId: string; readonly filled: Decimal }
  | { readonly kind: 'Cancelled'; readonly venueOrderId: string; readonly filled: Decimal }
  | { readonly kind: 'Rejected'; readonly code: string }
  | { readonly kind: 'NeverSent'; readonly reason: string };

export type OrderState = LiveState | TerminalState;
export type OrderStateKind = OrderState['kind'];

/**
 * Every legal transition, from old state to new states. The unusual ones are real:
 * - Submitted -> PartiallyFilled, Filled, Cancelled: the stream reports a fill or the end before the reply to the POST
 *   arrives.
 * - Intended -> Open and later: the process died after the commit and before it recorded the sending; the venue knows
 *   the order.
 * - CancelPending -> Filled: a fill wins the race against the cancel request. No transition leads back to Open: a
 *   report of an open order may be older than the request, and a rejected cancel is requested again.
 * - Unknown -> Open, PartiallyFilled and the final states: only an answer of the venue resolves it.
 * - PartiallyFilled -> PartiallyFilled, CancelPending -> CancelPending: one more fill.
 */
const TRANSITIONS: Readonly<Record<OrderStateKind, readonly OrderStateKind[]>> = {
  Intended: ['Submitted', 'Unknown', 'Open', 'PartiallyFilled', 'Filled', 'Cancelled', 'NeverSent'],
  Submitted: ['Open', 'PartiallyFilled', 'Filled', 'Cancelled', 'Rejected', 'Unknown'],
  Open: ['PartiallyFilled', 'CancelPending', 'Filled', 'Cancelled'],
  PartiallyFilled: ['PartiallyFilled', 'CancelPending', 'Filled', 'Cancelled'],
  CancelPending: ['CancelPending', 'Filled', 'Cancelled', 'Unknown'],
  Unknown: ['Open', 'PartiallyFilled', 'Filled', 'Cancelled', 'Rejected', 'NeverSent'],
  Filled: [],
  Cancelled: [],
  Rejected: [],
  NeverSent: [],
};

/** Thrown for a transition that the table does not contain: a broken invariant, never an expected failure. */
export class TransitionError extends Error {
  readonly code = 'IllegalTransition';
  readonly from: OrderStateKind;
  readonly to: OrderStateKind;

  constructor(from: OrderStateKind, to: OrderStateKind) {
    super(`an order cannot go from ${from} to ${to}`);
    this.name = 'TransitionError';
    this.from = from;
    this.to = to;
  }
}

export function canTransition(from: OrderStateKind, to: OrderStateKind): boolean {
  return TRANSITIONS[from].includes(to);
}

/**
 * Returns the new state if the table allows the transition and the filled amount does not shrink. Otherwise throws
 * TransitionError.
 */
export function transition(from: OrderState, to: OrderState): OrderState {
  if (!canTransition(from.kind, to.kind) || filledOf(to) < filledOf(from))
    throw new TransitionError(from.kind, to.kind);
  return to;
}

export function isTerminal(state: OrderState): state is TerminalState {
  return TRANSITIONS[state.kind].length === 0;
}

/** Returns the base amount filled so far, as far as the state knows it. */
export function filledOf(state: OrderState): Decimal {
  return 'filled' in state ? state.filled : ZERO;
}

export const ORDER_STATE_KINDS = Object.keys(TRANSITIONS) as readonly OrderStateKind[];
