import type { Clock } from '../../shared/runtime/clock.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { periodic, type Periodic } from '../../shared/runtime/periodic.ts';
import type { SenderStatus } from '../../shared/contracts/statusz.ts';
import type { ExecutionStore } from '../ports.ts';
import type { ExecutionMetrics } from '../metrics.ts';
import type { Sender } from './sender.ts';

export interface ApprovalSweepOptions {
  readonly store: Pick<ExecutionStore, 'openApprovals'>;
  readonly sender: Pick<Sender, 'offer'>;
  readonly fence: { readonly sender: Pick<SenderStatus, 'role'> };
  readonly metrics: Pick<ExecutionMetrics, 'malformedApprovals'>;
  readonly clock: Clock;
  readonly log: Logger;
}

const SWEEP_MS = 1_000;
/** Malformed approvals that are left out of the next sweeps. More than these mean that nothing of risk can be read: they are told no more. */
const MALFORMED_MAX = 1_000;

/**
 * Offers every approval that has no order: what Redis lost, what came while nothing could be sent, and what is too late and has to end. One that cannot
 * be read is told once, and then left out.
 */
export function createApprovalSweep({ store, sender, fence, metrics, clock, log }: ApprovalSweepOptions): Periodic {
  const told = new Set<string>();
  return periodic({
    name: 'sweep',
    intervalMs: SWEEP_MS,
    clock,
    log,
    task: async () => {
      if (fence.sender.role !== 'active') return;
      const { orders, malformed } = await store.openApprovals([...told]);
      for (const { decisionId, problem } of malformed) {
        if (told.size >= MALFORMED_MAX) break;
        told.add(decisionId);
        metrics.malformedApprovals.inc();
        log.error({ decision: decisionId, problem }, 'approval cannot be read, it is never sent');
      }
      for (const order of orders) await sender.offer(order);
    },
  });
}
