import type { OrderRecord } from '../../services/execution/core/order-record.ts';
import type { OrderStep } from '../../services/replay/core/order-step.ts';
import type { PlayedCanary } from '../../services/replay/play-canary.ts';
import { add, formatDecimal, ZERO, type Decimal } from '../../services/shared/domain/decimal.ts';
import { notionalOf } from '../../services/shared/domain/instrument.ts';

interface CanaryEvidence {
  readonly orders: readonly OrderRecord[];
  /** In commit order. */
  readonly steps: readonly OrderStep[];
}

const ENDED: ReadonlySet<string> = new Set(['Filled', 'Cancelled', 'Rejected', 'NeverSent']);

/**
 * Returns the buys of a canary whose intent was committed although they could exceed its cap: what earlier ones filled,
 * and those that had not ended then in full, at their limit prices. All pairs have one quote asset here.
 */
export function canaryViolations(canary: PlayedCanary, { orders, steps }: CanaryEvidence): readonly string[] {
  const { since, maxNotional, liftedAtMs = Infinity } = canary;
  const byId = new Map(orders.map((order) => [order.request.clientOrderId, order]));
  const counted = new Map<string, Decimal>();
  const buys = steps.filter(({ side, epoch, at_ms: atMs }) => side === 'buy' && epoch >= since && atMs < liftedAtMs);
  return buys.flatMap(({ client_order_id: id, state }) => {
    const order = byId.get(id);
    if (order === undefined) return [];
    const { price, quantity } = order.request;
    counted.set(id, notionalOf(price, ENDED.has(state) ? order.filled : quantity));
    const used = [...counted.values()].reduce(add, ZERO);
    if (state !== 'Intended' || used <= maxNotional) return [];
    return [`${id} could make ${formatDecimal(used)} of the ${formatDecimal(maxNotional)} of epoch ${since}`];
  });
}
