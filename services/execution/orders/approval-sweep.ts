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
/**
 * Malformed approvals that later sweeps leave out. More than this many mean that no approval of risk can be read:
 * further ones are not logged.
 */
const MALFORMED_MAX = 1_000;

/**
 * Creates the job that offers every approval without an order to the sender: approvals that Redis lost, that arrived
 * while no order could be sent, and that have expired and must end. An approval that cannot be read is logged once and
 * then left out.
 */
export function createApprovalSweep({ store, sender, fence, metrics, clock, log }: ApprovalSweepOptions): Periodic {
  const reported = new Set<string>();
  return periodic({
    name: 'sweep',
    intervalMs: SWEEP_MS,
    clock,
    log,
    task: async () => {
      if (fence.sender.role !== 'active') return;
      const { orders, malformed } = await store.openApprovals([...reported]);
      for (const { decisionId, problem } of malformed) {
        if (reported.size >= MALFORMED_MAX) break;
        reported.add(decisionId);
        metrics.malformedApprovals.inc();
        log.error({ decision: decisionId, problem }, 'approval cannot be parsed and will never be sent');
      }
      for (const order of orders) await sender.offer(order);
    },
  });
}
