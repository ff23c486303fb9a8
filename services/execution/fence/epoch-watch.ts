import { answeredWithin, type Clock } from '../../shared/runtime/clock.ts';
import { messageOf } from '../../shared/runtime/errors.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { periodic, type Periodic } from '../../shared/runtime/periodic.ts';
import type { SharedEpoch } from '../ports.ts';
import type { SenderFence } from './sender-fence.ts';

export interface EpochWatchOptions {
  readonly sharedEpoch: SharedEpoch;
  readonly fence: Pick<SenderFence, 'sender' | 'recording' | 'permitAgeMs' | 'supersededBy'>;
  readonly permitMs: number;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Well within the time that a new holder waits before it sends. Redis that takes longer counts as unavailable. */
const WATCH_MS = 500;

/**
 * Announces the epoch of this process, and ends a sender whose epoch is no longer the newest. The database decides who
 * may send; but after a failover its old primary may still answer, and show a sender its own epoch. What was announced
 * elsewhere gives it away. It only ever ends a sender: while it is unavailable, the database alone decides.
 */
export function createEpochWatch({ sharedEpoch, fence, permitMs, clock, log }: EpochWatchOptions): Periodic {
  /** Epoch that this process has announced. It replaces any other, or a fence that was restored could send nothing. */
  let announced = 0;
  let isAvailable = true;

  const compare = async (epoch: number): Promise<void> => {
    const newest = announced === epoch ? await sharedEpoch.read() : undefined;
    if (newest === epoch) return;
    if (newest !== undefined && newest > epoch) return void fence.supersededBy(newest);
    // One without a permit may have been followed by a lower epoch, of a fence that was restored.
    if ((fence.permitAgeMs ?? Infinity) >= permitMs) return;
    await sharedEpoch.write(epoch);
    announced = epoch;
  };
  const onAnswer = (problem: string | undefined): void => {
    const available = problem === undefined;
    if (available !== isAvailable) log.warn({ available, problem }, 'epoch of the sender in Redis');
    isAvailable = available;
  };

  return periodic({
    name: 'epoch',
    intervalMs: WATCH_MS,
    clock,
    log,
    task: async () => {
      if (!fence.recording) return;
      const compared = compare(fence.sender.epoch).then(
        () => ({ problem: undefined }),
        (error: unknown) => ({ problem: messageOf(error) }),
      );
      onAnswer(
        ((await answeredWithin(clock, WATCH_MS, compared)) ?? { problem: `no answer within ${WATCH_MS} ms` }).problem,
      );
    },
  });
}
