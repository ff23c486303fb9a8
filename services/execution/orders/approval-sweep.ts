import type { Clock } from '../../shared/runtime/clock.ts';
import { failed, OK, type CheckResult } from '../../shared/runtime/health.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { periodic } from '../../shared/runtime/periodic.ts';
import type { ServicePart } from '../../shared/runtime/service-part.ts';
import type { SenderFence } from '../fence/sender-fence.ts';
import type { ExecutionStore } from '../ports.ts';
import type { ExecutionMetrics } from '../metrics.ts';
import { deadLetter } from '../core/dead-letter.ts';
import type { DeadLetters } from './dead-letters.ts';
import type { Approvals } from './approvals.ts';

export interface ApprovalSweepOptions {
  readonly store: Pick<ExecutionStore, 'openApprovals'>;
  readonly approvals: Pick<Approvals, 'onSwept' | 'paused'>;
  readonly deadLetters: Pick<DeadLetters, 'keep'>;
  readonly fence: Pick<SenderFence, 'takesApprovals'>;
  readonly metrics: Pick<ExecutionMetrics, 'malformedApprovals'>;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface ApprovalSweep extends ServicePart {
  /** Fails when no sweep of the process that takes approvals has succeeded for half a minute, with the last error. */
  check(): CheckResult;
  /** Call it when orders may be sent: what came while no sender was active should not wait. */
  onActive(): void;
}

const SWEEP_MS = 1_000;
const MAX_AGE_MS = 30_000;
/**
 * After this process became the sender, so many sweeps come sooner: a read of the stream that the old sender had
 * begun may still take what is announced, and leave it.
 */
const OFTEN_MS = 50;
const OFTEN = 30;
/**
 * Malformed approvals that later sweeps leave out. More than this many mean that no approval of risk can be read:
 * further ones are not logged.
 */
const MALFORMED_MAX = 1_000;

/**
 * Creates the job that offers every approval without an order: approvals that Redis lost, that arrived while no order
 * could be sent, and that have expired and must end. The last needs the fence, but neither a permit nor an active
 * sender. An approval that cannot be read is set apart and then left out.
 */
export function createApprovalSweep(options: ApprovalSweepOptions): ApprovalSweep {
  const { store, approvals, deadLetters, fence, metrics, clock, log } = options;
  const reported = new Set<string>();
  const loop = periodic({
    name: 'sweep',
    intervalMs: SWEEP_MS,
    clock,
    log,
    task: async () => {
      if (!fence.takesApprovals) return;
      const { orders, malformed } = await store.openApprovals([...reported, ...approvals.paused()]);
      for (const { decisionId, problem, payload } of malformed) {
        if (reported.size >= MALFORMED_MAX) break;
        reported.add(decisionId);
        metrics.malformedApprovals.inc();
        const key = { kind: 'Approval', id: decisionId } as const;
        await deadLetters.keep(deadLetter(key, { symbol: '', payload, error: problem }));
      }
      for (const order of orders) approvals.onSwept(order);
    },
  });
  const sweepOften = async (): Promise<void> => {
    for (let sweeps = 0; sweeps < OFTEN && fence.takesApprovals; sweeps += 1) {
      loop.wake();
      await clock.sleep(OFTEN_MS);
    }
  };
  return {
    ...loop,
    check: () => {
      if (!fence.takesApprovals) return OK;
      // A pass of a process that takes none succeeds: the time counts from when this one began to.
      const { ok, message } = loop.check(MAX_AGE_MS);
      return ok ? OK : failed('ApprovalsNotSwept', message);
    },
    onActive: () => void sweepOften(),
  };
}
