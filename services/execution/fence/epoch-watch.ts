import type { Clock } from '../../shared/runtime/clock.ts';
import { messageOf } from '../../shared/runtime/errors.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { periodic, type Periodic } from '../../shared/runtime/periodic.ts';
import type { SharedEpoch } from '../ports.ts';
import type { SenderFence } from './sender-fence.ts';

export interface EpochWatchOptions {
  readonly sharedEpoch: SharedEpoch;
  readonly fence: Pick<SenderFence, 'sender' | 'recording' | 'supersededBy'>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A new holder waits a second longer than a request is valid: within this time the one before has learnt of it. */
const WATCH_MS = 500;

/**
 * Announces the epoch of this process, and ends a sender whose epoch is no longer the newest. The database decides who
 * may send; but after a failover its old primary may still answer, and show a sender its own epoch. What was announced
 * elsewhere gives it away. It only ever ends a sender: while it is unavailable, the database alone decides.
 */
export function createEpochWatch({ sharedEpoch, fence, clock, log }: EpochWatchOptions): Periodic {
  /** Epoch that this process has announced. It replaces any other, or a fence that was restored could send nothing. */
  let announced = 0;
  let isAvailable = true;

  const announce = async (epoch: number): Promise<void> => {
    await sharedEpoch.write(epoch);
    announced = epoch;
  };
  const compare = async (): Promise<void> => {
    const { epoch } = fence.sender;
    if (!fence.recording) return;
    if (announced !== epoch) return await announce(epoch);
    const newest = await sharedEpoch.read();
    if (newest === undefined || newest < epoch) return await announce(epoch);
    if (newest > epoch) await fence.supersededBy(newest);
  };
  const onAvailable = (available: boolean, problem = ''): void => {
    if (available !== isAvailable) log.warn({ available, problem }, 'epoch of the sender in Redis');
    isAvailable = available;
  };

  return periodic({
    name: 'epoch',
    intervalMs: WATCH_MS,
    clock,
    log,
    task: async () => {
      await compare().then(
        () => onAvailable(true),
        (error: unknown) => onAvailable(false, messageOf(error)),
      );
    },
  });
}
