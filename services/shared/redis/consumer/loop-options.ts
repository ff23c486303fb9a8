import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { RedisClient } from '../client.ts';
import type { ParsePayload } from '../stream-entry.ts';
import type { BatchHandler } from './settle-batch.ts';

export interface LoopOptions<T> {
  /** Connection for the blocking reads of this consumer only. The consumer closes it when it stops. */
  readonly blocking: RedisClient;
  readonly commands: RedisClient;
  readonly streams: readonly string[];
  readonly group: string;
  /** Unique among the running members of the group: the name of the pod. */
  readonly consumer: string;
  readonly parse: ParsePayload<T>;
  readonly handle: BatchHandler<T>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly batchSize?: number;
  /** How long one read waits for entries, at most 5 s. Default: 1 s. */
  readonly blockMs?: number;
  /** Entries idle for longer are taken over. Must exceed the duration of the slowest handler. Default: 30 s. */
  readonly minIdleMs?: number;
  /**
   * An entry that is to be tried again becomes a dead letter at this delivery; one that ended each process that handled
   * it, at the next. From the third delivery on an entry is handed over alone, after the idle time. Default: 5.
   */
  readonly maxDeliveries?: number;
  /**
   * Position of a group that does not exist at startup. A group that vanishes later restarts at the beginning of its
   * stream. Default: start.
   */
  readonly from?: 'start' | 'newest';
  /**
   * The only consumer of its group by design: takes over all pending entries at once when it starts. Default: false.
   */
  readonly sole?: boolean;
  /**
   * Whether this member takes part now. While it returns false nothing is read, claimed or acknowledged, and the check
   * passes: a standby leaves the entries to the member that is active. Default: always.
   */
  readonly enabled?: () => boolean;
  /**
   * The other members take part until this one is enabled, and may be given entries for at most so long after that. It
   * takes over at once what they have not acknowledged, and once more after this time. Absent: at the idle time.
   */
  readonly succeedsAfterMs?: number;
}
