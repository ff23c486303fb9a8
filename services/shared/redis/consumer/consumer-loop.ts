import type { Clock } from '../../runtime/clock.ts';
import { messageOf } from '../../runtime/errors.ts';
import { failed, type CheckResult } from '../../runtime/health.ts';
import type { Logger } from '../../runtime/logger.ts';
import { pause } from '../../runtime/periodic.ts';
import { backoffMs } from '../../runtime/retry.ts';
import { BLOCK_MS_MAX, untilConnected, type RedisClient } from '../client.ts';
import { replyCode } from '../redis-error.ts';
import type { ParsePayload, RawEntry } from '../stream-entry.ts';
import { ensureGroup, readNew, type Membership } from './consumer-group.ts';
import type { ConsumerMetrics } from './consumer-metrics.ts';
import type { JudgedEntries } from './judged-entries.ts';
import { LeftEntries } from './left-entries.ts';
import { settleBatch, type BatchHandler } from './settle-batch.ts';

/** How often a member that is not enabled looks whether it is: a new sender of orders waits for it. */
const STANDBY_MS = 20;
const BATCH_SIZE = 100;
const MIN_IDLE_MS = 30_000;

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

interface LoopModules {
  readonly member: Membership;
  readonly metrics: ConsumerMetrics;
  readonly judged: JudgedEntries;
}

/** Reads and settles entries, one batch after the other. Its states are those of `createStreamConsumer`. */
export class ConsumerLoop<T> {
  readonly #options: LoopOptions<T>;
  readonly #modules: LoopModules;
  readonly #left: LeftEntries;
  #joined = false;
  #everJoined = false;
  #succeeds = false;
  /** Monotonic time of the last read that left nothing undelivered, once its entries are handled. */
  caughtUpMs: number | undefined;
  /** Why no entries are handled at present; undefined while they are. */
  trouble: CheckResult | undefined = failed('Joining', 'has not joined its consumer group yet');

  constructor(options: LoopOptions<T>, modules: LoopModules) {
    const { streams, clock, batchSize = BATCH_SIZE, minIdleMs = MIN_IDLE_MS, sole = false, succeedsAfterMs } = options;
    const { member, metrics } = modules;
    this.#options = options;
    this.#modules = modules;
    this.#left = new LeftEntries({
      member,
      streams,
      batchSize,
      minIdleMs,
      sole,
      succeedsAfterMs,
      clock,
      onLost: (stream, count) => metrics.entries.inc({ stream, outcome: 'lost' }, count),
    });
  }

  /** Takes over at once, from the next pass on, what this member and the others have not acknowledged. */
  succeed(): void {
    this.#succeeds = true;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, log, group, commands, blocking, enabled = () => true } = this.#options;
    let failures = 0;
    while (!signal.aborted) {
      if (!enabled()) {
        // Another member takes part meanwhile. What it leaves is taken over when this one is enabled again.
        this.#left.succeed();
        this.caughtUpMs = undefined;
        await pause(clock, STANDBY_MS, signal);
        continue;
      }
      await untilConnected([commands, blocking], clock, signal);
      if (signal.aborted) return;
      try {
        await this.#pass(signal);
        failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        failures += 1;
        this.#left.restart();
        this.caughtUpMs = undefined;
        if (isGroupMissing(error)) this.#joined = false;
        else this.trouble = failed('RedisFailing', messageOf(error));
        log.warn({ group, failures, err: error }, 'stream consumer failed, retrying');
        await pause(clock, backoffMs(failures, { minMs: 50, maxMs: 2_000 }, clock.random), signal);
      }
    }
  }

  async #pass(signal: AbortSignal): Promise<void> {
    const { clock, blocking, streams, batchSize = BATCH_SIZE, blockMs = 1_000 } = this.#options;
    if (!this.#joined) await this.#join();
    if (this.#succeeds) {
      this.#succeeds = false;
      this.#left.succeed();
      this.caughtUpMs = undefined;
    }
    const older = await this.#left.claimNext();
    const waitMs = older.length > 0 || this.#left.isBusy ? 1 : Math.min(blockMs, BLOCK_MS_MAX);
    const newer = await readNew(blocking, this.#modules.member, { streams, count: batchSize, blockMs: waitMs });
    this.trouble = undefined;
    const readMs = clock.monotonicMs();
    // In one batch: a handler that takes the newest of a kind must not act on an older one first.
    await this.#settle([...older, ...newer], signal);
    if (newer.length >= batchSize || signal.aborted) return;
    if (!this.#left.isLooking) this.caughtUpMs = readMs;
    // After everything newer, for the same reason.
    await this.#settle(await this.#left.claimAlone(), signal);
  }

  async #join(): Promise<void> {
    const { streams, from = 'start', log, group } = this.#options;
    const start = from === 'newest' && !this.#everJoined ? '$' : '0';
    for (const stream of streams) await ensureGroup(this.#modules.member, stream, start);
    if (this.#everJoined) log.warn({ group, streams }, 'consumer group rejoined');
    this.#joined = true;
    this.#everJoined = true;
    this.trouble = undefined;
  }

  async #settle(entries: readonly RawEntry[], signal: AbortSignal): Promise<void> {
    if (entries.length === 0) return;
    const { handle, parse, clock, log, maxDeliveries = 5, minIdleMs = MIN_IDLE_MS } = this.#options;
    await settleBatch(entries, {
      handle,
      parse,
      clock,
      log,
      maxDeliveries,
      minIdleMs,
      signal,
      ...this.#modules,
      onBlocked: (reason) => {
        this.trouble = reason === undefined ? undefined : failed('HandlerBlocked', reason);
      },
    });
  }
}

/** The stream was deleted (possibly during a blocking read), or Redis restarted empty. */
function isGroupMissing(error: unknown): boolean {
  const code = replyCode(error);
  return code === 'NOGROUP' || code === 'UNBLOCKED';
}
