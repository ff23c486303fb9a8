import type { OrderStep } from '../../services/replay/core/order-step.ts';
import type { OrderStateKind } from '../../services/shared/domain/order.ts';

export interface ApprovalRow {
  readonly client_order_id: string;
  /** UTC milliseconds. */
  readonly deadline_ms: number;
}

/** How the orders came to be what they are. */
export interface Course {
  readonly approvals: readonly ApprovalRow[];
  /** In the order of their commits. */
  readonly steps: readonly OrderStep[];
  /** An order has to end so long after its deadline at the latest: the time that the venue may take to answer for it. */
  readonly endBoundMs: number;
}

const TERMINAL: ReadonlySet<string> = new Set([
  'Filled',
  'Cancelled',
  'Rejected',
  'NeverSent',
] satisfies OrderStateKind[]);

/** So long a sender may wait for the answer to a POST: its permit may be as old when the bytes leave, and then the client waits until it gives up. */
const ANSWER_BOUND_MS = 2_000 + 3_000;

/** Every breach, in words, of I2, and of that part of I8 which says that an unknown order keeps its instrument from new risk. */
export function courseViolations(course: Course): readonly string[] {
  return [...endings(course), ...risksBesideUnknowns(course)];
}

/** I2: each approval ends in exactly one terminal state, in time. */
function endings({ approvals, steps, endBoundMs }: Course): readonly string[] {
  const stepsOf = Map.groupBy(steps, (step) => step.client_order_id);
  return approvals.flatMap(({ client_order_id: id, deadline_ms: deadline }) => {
    const ends = changesOf(stepsOf.get(id) ?? []).filter(({ state }) => TERMINAL.has(state));
    const [end] = ends;
    if (end === undefined) return [`I2: ${id} was approved and has not ended`];
    if (ends.length > 1)
      return [`I2: ${id} has ended ${ends.length} times: ${ends.map(({ state }) => state).join(', ')}`];
    const lateMs = end.at_ms - deadline;
    return lateMs <= endBoundMs ? [] : [`I2: ${id} has ended ${lateMs} ms after its deadline`];
  });
}

/** Steps that led to another state than the one before; one more fill does not. */
function changesOf(steps: readonly OrderStep[]): readonly OrderStep[] {
  return steps.filter((step, index) => step.state !== steps[index - 1]?.state);
}

/**
 * I8: while an order of an instrument is unknown, no intent to buy it is committed. What an older sender has left without an outcome is unknown, whatever
 * its row says, and so is what the same one should have had an answer to by now. Spot: what sells what is held takes risk away.
 */
function risksBesideUnknowns({ steps }: Course): readonly string[] {
  const live = new Map<string, OrderStep>();
  return steps.flatMap((step) => {
    const { client_order_id: id, symbol, side, state } = step;
    const beside = [...live.values()].filter((other) => other.symbol === symbol && isUnknown(other, step));
    if (TERMINAL.has(state)) live.delete(id);
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
