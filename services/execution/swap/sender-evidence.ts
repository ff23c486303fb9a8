import type { SenderEvidence } from '../../shared/contracts/statusz.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import type { SenderFence } from '../fence/sender-fence.ts';
import type { BalanceCheck } from '../reconcile/balance-check.ts';
import { overdueOrders, type UnresolvedOrders } from '../unknowns-check.ts';
import type { EpochReplies } from './epoch-replies.ts';

export interface EvidenceSources extends UnresolvedOrders {
  readonly fence: Pick<SenderFence, 'sender'>;
  readonly replies: Pick<EpochReplies, 'of'>;
  readonly ledger: Pick<BalanceCheck, 'newDrifts'>;
}

/**
 * Returns what this process can show of its epoch while it is the sender. What it took over from an earlier sender is
 * left out: no release could be replaced while the one before has left something behind.
 */
export function senderEvidence(sources: EvidenceSources, clock: Clock): SenderEvidence | null {
  const { fence, replies, ledger, orders } = sources;
  const { role, epoch } = fence.sender;
  if (role !== 'active') return null;
  const isOwn = (order: { readonly epoch: number }): boolean => order.epoch === epoch;
  return {
    ...replies.of(epoch),
    unknownOrders: orders.live().filter((order) => isOwn(order) && order.state.kind === 'Unknown').length,
    overdueOrders: overdueOrders(sources, clock).filter(isOwn).length,
    newDrifts: ledger.newDrifts.length,
  };
}
