import type { Side } from '../../../shared/domain/side.ts';
import type { BudgetRequest } from './token-budget.ts';

/** What a request is for, most important first. */
export const LANES = ['cancel', 'exit', 'cancelAgain', 'entry', 'query', 'rehearsal'] as const;
export type Lane = (typeof LANES)[number];

/** What the venue takes. */
export interface BudgetLimits {
  /** Requests per second that create or cancel orders: at least 2. */
  readonly ordersPerSecond: number;
  /** Weight of queries within a window. The venue counts them apart from orders. */
  readonly queries: { readonly tokens: number; readonly windowMs: number };
}

export type LaneRules = Pick<BudgetRequest, 'bucket' | 'limit' | 'windowMs' | 'grainMs' | 'passesLimit'>;

const SECOND_MS = 1_000;
const QUERY_GRAINS = 40;

/**
 * Returns how much a lane may take. A part of the orders is only for cancellations, and as much again not for entries:
 * so entries cannot use up what an exit needs, nor both what a halt needs. Of two orders a second nothing is left for
 * entries then. They share the token of the exits, and `RateBudget` gives none to an entry while an exit waits, and
 * none to a cancellation that was requested before: a venue that takes none must not use up what the exits need. The
 * rehearsal of a process that waits takes nothing while half of the queries is used up: the rest is for the sender.
 */
export function rulesOf(lane: Lane, { ordersPerSecond: orders, queries }: BudgetLimits): LaneRules {
  if (lane === 'query' || lane === 'rehearsal') {
    const { tokens, windowMs } = queries;
    const limit = lane === 'query' ? tokens : Math.floor(tokens / 2);
    return { bucket: 'queries', limit, windowMs, grainMs: Math.ceil(windowMs / QUERY_GRAINS), passesLimit: false };
  }
  const kept = keptForCancellations(orders);
  const limits = { cancel: orders, cancelAgain: orders, exit: orders - kept, entry: Math.max(1, orders - 2 * kept) };
  const isCancel = lane === 'cancel' || lane === 'cancelAgain';
  return { bucket: 'orders', limit: limits[lane], windowMs: SECOND_MS, grainMs: 1, passesLimit: isCancel };
}

/** So many requests within so many milliseconds. */
export interface Pace {
  readonly count: number;
  readonly withinMs: number;
}

/**
 * Returns how many repeated cancellations a process may request while exits may be sent: as many as are kept for them.
 * One beside the process that holds the fence does not see its exits, and repeats slowly. It does repeat: there may be
 * no other.
 */
export function repeatPace(ordersPerSecond: number, holdsFence: boolean): Pace {
  return holdsFence
    ? { count: keptForCancellations(ordersPerSecond), withinMs: SECOND_MS }
    : { count: 1, withinMs: 5 * SECOND_MS };
}

function keptForCancellations(ordersPerSecond: number): number {
  return Math.max(1, Math.floor(ordersPerSecond / 5));
}

/** The share of one process while the shared budget cannot be asked: another process may send, too. */
export function localShare({ ordersPerSecond, queries }: BudgetLimits): BudgetLimits {
  return {
    ordersPerSecond: Math.max(2, Math.floor(ordersPerSecond / 2)),
    queries: { ...queries, tokens: Math.floor(queries.tokens / 2) },
  };
}

/** On a spot market, a sale is an exit. */
export function laneOf(side: Side): Lane {
  return side === 'sell' ? 'exit' : 'entry';
}
