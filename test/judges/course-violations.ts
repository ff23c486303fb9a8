import type { OrderStep } from '../../services/replay/core/order-step.ts';
import { FINAL_STATES } from './unfinished-orders.ts';

export interface ApprovalRow {
  readonly client_order_id: string;
  /** UTC milliseconds. */
  readonly deadline_ms: number;
}

/** History of the orders. */
export interface Course {
  readonly approvals: readonly ApprovalRow[];
  /** In commit order. */
  readonly steps: readonly OrderStep[];
  /**
   * Maximum time from an order's deadline to its end, in milliseconds: the time that the venue may take to report its
   * outcome.
   */
  readonly endBoundMs: number;
}

/**
 * Maximum time until a sender has the answer to a POST: the age its permit may have when the bytes leave (2 s), and the
 * timeout of the client (3 s).
 */
const ANSWER_BOUND_MS = 2_000 + 3_000;

/**
 * Returns every violation, as text, of I2 and of the part of I8 that bars new risk on an instrument with an unknown
 * order.
 */
export function courseViolations(course: Course): readonly string[] {
  return [...endings(course), ...risksBesideUnknowns(course)];
}

/** I2: each approval ends in exactly one terminal state, in time. */
function endings({ approvals, steps, endBoundMs }: Course): readonly string[] {
  const stepsOf = Map.groupBy(steps, (step) => step.client_order_id);
  return approvals.flatMap(({ client_order_id: id, deadline_ms: deadline }) => {
    const ends = changesOf(stepsOf.get(id) ?? []).filter(({ state }) => FINAL_STATES.has(state));
    const [end] = ends;
    if (end === undefined) return [`I2: ${id} was approved and has not ended`];
    if (ends.length > 1) return [`I2: ${id} ended ${ends.length} times: ${ends.map(({ state }) => state).join(', ')}`];
    const lateMs = end.at_ms - deadline;
    return lateMs <= endBoundMs ? [] : [`I2: ${id} ended ${lateMs} ms after its deadline`];
  });
}

/** Returns the steps that changed the state. A further fill need not. */
function changesOf(steps: readonly OrderStep[]): readonly OrderStep[] {
  return steps.filter((step, index) => step.state !== steps[index - 1]?.state);
}

/**
 * I8: while an order of an instrument is unknown, no intent to buy it is committed. An order that an older sender left
 * without an outcome is unknown, whatever its row says. So is an order of the same sender whose answer is overdue.
 * Selling is allowed: on spot, selling a holding reduces risk.
 */
function risksBesideUnknowns({ steps }: Course): readonly string[] {
  const live = new Map<string, OrderStep>();
  return steps.flatMap((step) => {
    const { client_order_id: id, symbol, side, state } = step;
    const beside = [...live.values()].filter((other) => other.symbol === symbol && isUnknown(other, step));
    if (FINAL_STATES.has(state)) live.delete(id);
    else live.set(id, step);
    if (state !== 'Intended' || side !== 'buy' || beside.length === 0) return [];
    return [`I8: ${id} buys ${symbol} while ${beside.map((other) => other.client_order_id).join(', ')} is unknown`];
  });
}

function isUnknown(order: OrderStep, at: OrderStep): boolean {
  if (order.state === 'Unknown') return true;
  if (order.state !== 'Intended' && order.state !== 'Submitted') return false;
  return order.epoch < at.epoch || at.at_ms - order.at_ms > ANSWER_BOUND_MS;
}
