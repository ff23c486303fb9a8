import type { OrderRecord } from '../../services/execution/core/order-record.ts';
import type { OrderStep } from '../../services/replay/core/order-step.ts';
import type { PlayedCanary } from '../../services/replay/play-canary.ts';
import { add, formatDecimal, ZERO, type Decimal } from '../../services/shared/domain/decimal.ts';
import { notionalOf } from '../../services/shared/domain/instrument.ts';

export interface CanaryEvidence {
  readonly orders: readonly OrderRecord[];
  /** In commit order. */
  readonly steps: readonly OrderStep[];
  /** When the next sender was chosen; undefined if none was. Virtual milliseconds. */
  readonly followedAtMs: number | undefined;
}

const ENDED: ReadonlySet<string> = new Set(['Filled', 'Cancelled', 'Rejected', 'NeverSent']);

/**
 * Returns the buys of a canary whose intent was committed although they could exceed its cap: what earlier ones filled,
 * and those that had not ended then in full, at their limit prices. All pairs have one quote asset here.
 */
export function canaryViolations(canary: PlayedCanary, evidence: CanaryEvidence): readonly string[] {
  const { orders, steps, followedAtMs = Infinity } = evidence;
  const { since, maxNotional, liftedAtMs = Infinity } = canary;
  const byId = new Map(orders.map((order) => [order.request.clientOrderId, order]));
  const counted = new Map<string, Decimal>();
  const violations: string[] = [];
  for (const { client_order_id: id, side, state, epoch, at_ms: atMs } of steps) {
    const order = byId.get(id);
    if (order === undefined || side === 'sell' || epoch < since || atMs >= Math.min(liftedAtMs, followedAtMs)) continue;
    const { price, quantity } = order.request;
    counted.set(id, notionalOf(price, ENDED.has(state) ? order.filled : quantity));
    const used = [...counted.values()].reduce(add, ZERO);
    if (state === 'Intended' && used > maxNotional)
      violations.push(`${id} could make ${formatDecimal(used)} of the ${formatDecimal(maxNotional)} of epoch ${since}`);
  }
  return violations;
}
