import type { Clock } from '../shared/runtime/clock.ts';
import type { Logger } from '../shared/runtime/logger.ts';
import { periodic, type Periodic } from '../shared/runtime/periodic.ts';
import type { ExecutionStore } from './execution-store.ts';
import type { FenceKeeper } from './fence-keeper.ts';
import type { Sender } from './sender.ts';

const SWEEP_MS = 1_000;

/** Offers every approval that has no order: what Redis lost, what came while nothing could be sent, and what is too late and has to end. */
export function createSweep(options: {
  readonly store: Pick<ExecutionStore, 'waitingDecisions'>;
  readonly sender: Sender;
  readonly fence: FenceKeeper;
  readonly clock: Clock;
  readonly log: Logger;
}): Periodic {
  const { store, sender, fence, clock, log } = options;
  return periodic({
    name: 'sweep',
    intervalMs: SWEEP_MS,
    clock,
    log,
    task: async () => {
      if (fence.sender.role !== 'active') return;
      for (const order of await store.waitingDecisions()) await sender.offer(order);
    },
  });
}
