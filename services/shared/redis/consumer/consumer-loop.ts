import { messageOf } from '../../runtime/errors.ts';
import { failed, type CheckResult } from '../../runtime/health.ts';
import { pause } from '../../runtime/periodic.ts';
import { backoffMs } from '../../runtime/retry.ts';
import { BLOCK_MS_MAX, untilConnected } from '../client.ts';
import { replyCode } from '../redis-error.ts';
import type { RawEntry } from '../stream-entry.ts';
import { ensureGroup, readNew, type Membership } from './consumer-group.ts';
import type { ConsumerMetrics } from './consumer-metrics.ts';
import type { JudgedEntries } from './judged-entries.ts';
import { LeftEntries } from './left-entries.ts';
import type { LoopOptions } from './loop-options.ts';
import { settleBatch } from './settle-batch.ts';

/** How often a member that is not enabled looks whether it is: a new sender of orders waits for it. */
const STANDBY_MS = 20;
const BATCH_SIZE = 100;
const MIN_IDLE_MS = 30_000;

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
