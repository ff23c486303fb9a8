import type { SenderRole } from '../../shared/contracts/statusz.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { periodic, type Periodic } from '../../shared/runtime/periodic.ts';
import { overdueAfterMs } from '../core/reconcile/comparison.ts';
import type { SenderFence } from '../fence/sender-fence.ts';
import type { VenueReconciler } from '../reconcile/venue-reconciler.ts';
import { rehearse, type RehearseOptions } from './rehearse.ts';

export interface RehearsalOptions extends RehearseOptions {
  readonly fence: Pick<SenderFence, 'sender'>;
  readonly reconciler: Pick<VenueReconciler, 'measureClock' | 'clockCheck'>;
  readonly intervalMs: number;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface Rehearsal extends Periodic {
  /** Whether the last run was whole, and is recent. */
  readonly isRecent: () => boolean;
  /** For /statusz: null in a role in which it does not matter. */
  readonly status: () => boolean | null;
}

const LOOK_MS = 500;
const RETRY_MS = 5_000;
const ROLES: ReadonlySet<SenderRole> = new Set(['armed', 'standby']);

/**
 * Creates the part by which a process that waits to be activated shows that it could send: it reads from the venue and
 * from the record what its first reconcile will read, and writes nothing. A pair that the venue refuses does not count:
 * it is left out of what the next sender takes over.
 */
export function createRehearsal(options: RehearsalOptions): Rehearsal {
  const { fence, reconciler, intervalMs, clock, log } = options;
  let wholeMs: number | undefined;
  let dueMs = 0;
  const waits = (): boolean => ROLES.has(fence.sender.role);
  const loop = periodic({
    name: 'rehearsal',
    intervalMs: LOOK_MS,
    clock,
    log,
    task: async () => {
      const startMs = clock.monotonicMs();
      if (!waits()) dueMs = startMs;
      if (!waits() || startMs < dueMs) return;
      const problem = await rehearse(options);
      wholeMs = problem === undefined ? startMs : undefined;
      dueMs = clock.monotonicMs() + (problem === undefined ? intervalMs : Math.min(intervalMs, RETRY_MS));
      if (problem !== undefined) log.warn({ problem }, 'rehearsal failed, an activation begins with a reconcile');
    },
  });
  const isRecent = (): boolean => {
    const ageMs = wholeMs === undefined ? Number.POSITIVE_INFINITY : clock.monotonicMs() - wholeMs;
    return ageMs <= overdueAfterMs(intervalMs) && reconciler.clockCheck().ok;
  };
  return { ...loop, isRecent, status: () => (waits() ? isRecent() : null) };
}
