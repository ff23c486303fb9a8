import type { ApprovedOrder } from '../../../services/execution/core/order-record.ts';
import type { Execution } from '../../../services/execution/service.ts';
import type { DrainOutcome } from '../../../services/execution/swap/drain.ts';
import type { DrainRequest } from '../../../services/shared/contracts/control.ts';
import { parseDecimal } from '../../../services/shared/domain/decimal.ts';
import type { Fill } from '../../../services/shared/domain/orders/fill.ts';
import { CALM } from '../../faults/fates.ts';
import type { Fate } from '../../faults/faulty-venue.ts';
import { createVirtualStack, type VirtualStack } from '../virtual-stack.ts';

type DrainTerms = [execution: Execution, change?: Partial<DrainRequest>, ms?: number];
type OfferTerms = [execution: Execution, id: string, change?: Partial<ApprovedOrder>, ms?: number];

/** A stack whose sender is drained. */
export interface DrainStack extends VirtualStack {
  /** Fate of the orders that are sent from now on. */
  fate: Fate;
  /** Drains a holder of epoch 1, and lets `ms` pass. The list has the outcome once there is one. */
  readonly drained: (...of: DrainTerms) => Promise<readonly DrainOutcome[]>;
  /** Offers an order to a sender, as the stream does, and lets `ms` pass. */
  readonly offered: (...of: OfferTerms) => Promise<ApprovedOrder>;
  /** A fill of one unit of an order that the venue has. */
  readonly fillOf: (order: ApprovedOrder, venueTradeId: string) => Fill;
}

export function createDrainStack(): DrainStack {
  const at = { fate: CALM };
  const stack = createVirtualStack(() => at.fate);
  return {
    ...stack,
    get fate() {
      return at.fate;
    },
    set fate(fate: Fate) {
      at.fate = fate;
    },
    drained: async (execution, change = {}, ms = 1_000) => {
      const outcomes: DrainOutcome[] = [];
      const request = { epoch: 1, deadlineMs: 5_000, resting: 'Carry', ...change } as const;
      void execution.drain(request).then((one) => outcomes.push(one));
      await stack.clock.advance(ms);
      return outcomes;
    },
    offered: async (execution, id, change = {}, ms = 0) => {
      const order = stack.approve(id, change);
      void execution.onApproval(order.decisionId);
      await stack.clock.advance(ms);
      return order;
    },
    fillOf: ({ clientOrderId, symbol, side, price }, venueTradeId) => {
      const placed = stack.venue.placed.find(({ request }) => request.clientOrderId === clientOrderId);
      const ids = { venueTradeId, venueOrderId: placed?.venueOrderId ?? '', clientOrderId };
      const amounts = { price, quantity: parseDecimal('1'), fee: parseDecimal('0'), feeAsset: 'ETH' };
      return { ...ids, symbol, side, ...amounts, maker: true, time: stack.clock.nowMs() };
    },
  };
}
