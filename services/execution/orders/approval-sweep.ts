import type { Clock } from '../../shared/runtime/clock.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { periodic, type Periodic } from '../../shared/runtime/periodic.ts';
import type { SenderFence } from '../fence/sender-fence.ts';
import type { ExecutionStore } from '../ports.ts';
import type { ExecutionMetrics } from '../metrics.ts';
import type { Approvals } from './approvals.ts';

export interface ApprovalSweepOptions {
  readonly store: Pick<ExecutionStore, 'openApprovals'>;
  readonly approvals: Pick<Approvals, 'onSwept'>;
  readonly fence: Pick<SenderFence, 'recording'>;
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
 * Creates the job that offers every approval without an order: approvals that Redis lost, that arrived while no order
 * could be sent, and that have expired and must end. The last needs the fence, but neither a permit nor an active
 * sender. An approval that cannot be read is logged once and then left out.
 */
export function createApprovalSweep({ store, approvals, fence, metrics, clock, log }: ApprovalSweepOptions): Periodic {
  const reported = new Set<string>();
  return periodic({
    name: 'sweep',
    intervalMs: SWEEP_MS,
    clock,
    log,
    task: async () => {
      if (!fence.recording) return;
      const { orders, malformed } = await store.openApprovals([...reported]);
      for (const { decisionId, problem } of malformed) {
        if (reported.size >= MALFORMED_MAX) break;
        reported.add(decisionId);
        metrics.malformedApprovals.inc();
        log.error({ decision: decisionId, problem }, 'approval cannot be parsed and will never be sent');
      }
      for (const order of orders) approvals.onSwept(order);
    },
  });
}
