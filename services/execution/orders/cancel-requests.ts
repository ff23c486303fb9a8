import type { Clock } from '../../shared/runtime/clock.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { periodic, type Periodic } from '../../shared/runtime/periodic.ts';
import type { SenderFence } from '../fence/sender-fence.ts';
import type { ExecutionStore } from '../ports.ts';

export interface CancelRequestsOptions {
  readonly store: Pick<ExecutionStore, 'cancelRequests'>;
  readonly fence: Pick<SenderFence, 'recording'>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Orders whose cancellation risk has requested, because they stand in the way of an exit. */
export interface CancelRequests extends Periodic {
  readonly has: (clientOrderId: string) => boolean;
  /** Reads the requests now. Rejects when the database is unavailable. */
  readonly read: () => Promise<void>;
}

const EVERY_MS = 500;

/**
 * Creates the part that reads the requests. The canceller asks this copy, so that it never waits for the database.
 * While the database is unavailable the last copy counts: an order is not resting again after its cancellation was
 * requested.
 */
export function createCancelRequests({ store, fence, clock, log }: CancelRequestsOptions): CancelRequests {
  let requested: ReadonlySet<string> = new Set();
  const read = async (): Promise<void> => {
    requested = await store.cancelRequests();
  };
  const task = async (): Promise<void> => {
    if (fence.recording) await read();
  };
  const loop = periodic({ name: 'cancel requests', intervalMs: EVERY_MS, task, clock, log });
  return { ...loop, read, has: (clientOrderId) => requested.has(clientOrderId) };
}
