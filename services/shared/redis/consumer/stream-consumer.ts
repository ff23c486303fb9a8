import type { Registry } from 'prom-client';
import type { Clock } from '../../runtime/clock.ts';
import { messageOf } from '../../runtime/errors.ts';
import { failed, OK, type CheckResult } from '../../runtime/health.ts';
import type { Logger } from '../../runtime/logger.ts';
import { pause } from '../../runtime/periodic.ts';
import { backoffMs } from '../../runtime/retry.ts';
import type { ServicePart } from '../../runtime/service-part.ts';
import { BLOCK_MS_MAX, untilConnected, type RedisClient } from '../client.ts';
import { claimIdle, claimOwn, ensureGroup, readNew, type Membership } from './consumer-group.ts';
import { consumerMetrics, type ConsumerMetrics } from './consumer-metrics.ts';
import { createGroupMonitor, type GroupMonitor } from './group-monitor.ts';
import { replyCode } from '../redis-error.ts';
import { JudgedEntries } from './judged-entries.ts';
import { settleBatch, type BatchHandler } from './settle-batch.ts';
import { decodeEntry, type ParsePayload, type RawEntry } from '../stream-entry.ts';
import type { Unread } from './unread.ts';

export interface StreamConsumerOptions<T> {
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
  readonly metrics: Registry;
  readonly batchSize?: number;
  /** How long one read waits for entries, at most 5 s. Default: 1 s. */
  readonly blockMs?: number;
  /** Entries idle for longer are taken over. Must exceed the duration of the slowest handler. Default: 30 s. */
  readonly minIdleMs?: number;
  /**
   * An entry that is to be tried again becomes a dead letter at this delivery; one that no process has judged, after
   * twice as many. Default: 5.
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
  /** The check fails while the oldest unacknowledged entry is older. Default: 60 s. */
  readonly maxPendingAgeMs?: number;
  /** What an entry is about, for `unread`. Default: all entries are about the same. */
  readonly subjectOf?: (payload: T) => string;
}

/** How often a member that is not enabled looks whether it is. */
const STANDBY_MS = 50;

export interface StreamConsumer extends ServicePart {
  check(): CheckResult;
  /**
   * What entries may be about that have not been handled: the subjects of those that another member, which may have
   * died, has not acknowledged. `All` unless a read of the last `maxAgeMs` returned everything that the streams had for
   * the group and was handled, and while it is unknown what the others have. While nothing arrives, such a read ends
   * at least once per duration of a blocking read.
   */
  unread(maxAgeMs: number): Unread;
  figures(): Readonly<Record<string, number | null>>;
}

/**
 * Creates a member of a consumer group. Every entry is passed to `handle` at least once and acknowledged only after
 * that resolves, so handlers must be idempotent. States: joining (groups are created), reading, blocked (the handler
 * throws: the same batch is retried with growing pauses, no other entries are read), failing (Redis does not answer). A
 * stream that vanishes, even during a blocking read, or a Redis that restarts empty leads back to joining. `run` never
 * rejects because of Redis.
 */
export function createStreamConsumer<T>(options: StreamConsumerOptions<T>): StreamConsumer {
  const { group, consumer, commands, clock, maxPendingAgeMs = 60_000 } = options;
  const member: Membership = { group, consumer, commands };
  const metrics = consumerMetrics(options.metrics);
  const monitor = createGroupMonitor({ ...options, member, metrics, subjectsOf: subjectsIn(options) });
  const loop = new ConsumerLoop(options, member, metrics);
  return {
    name: `consumer ${group}`,
    run: async (signal) => {
      await Promise.all([loop.run(signal), monitor.run(signal)]);
    },
    stop: async () => {
      options.blocking.disconnect();
      await Promise.resolve();
    },
    check: () => (options.enabled?.() === false ? OK : checkOf(loop, monitor, maxPendingAgeMs)),
    unread: (maxAgeMs) => {
      const { caughtUpMs = Number.NEGATIVE_INFINITY } = loop;
      return clock.monotonicMs() - caughtUpMs > maxAgeMs ? 'All' : monitor.elsewhere();
    },
    figures: () => monitor.figures(),
  };
}

/** An entry that cannot be read may be about anything. */
function subjectsIn<T>({ parse, subjectOf }: Pick<StreamConsumerOptions<T>, 'parse' | 'subjectOf'>) {
  return (entries: readonly RawEntry[]): Unread => {
    const subjects = new Set<string>();
    for (const raw of entries) {
      const decoded = decodeEntry(raw, parse);
      if (decoded.kind === 'malformed' || subjectOf === undefined) return 'All';
      subjects.add(subjectOf(decoded.entry.payload));
    }
    return subjects;
  };
}

function checkOf(
  loop: { readonly trouble: CheckResult | undefined },
  monitor: GroupMonitor,
  maxAgeMs: number,
): CheckResult {
  if (loop.trouble !== undefined) return loop.trouble;
  const ageMs = monitor.oldestAgeMs();
  if (ageMs === null || ageMs <= maxAgeMs) return OK;
  return failed(
    'Lagging',
    `the oldest unacknowledged entry is ${Math.round(ageMs)} ms old; the limit is ${maxAgeMs} ms`,
  );
}

class ConsumerLoop<T> {
  readonly #options: StreamConsumerOptions<T>;
  readonly #member: Membership;
  readonly #metrics: ConsumerMetrics;
  readonly #judged = new JudgedEntries();
  #joined = false;
  #everJoined = false;
  /** Whether what this member was given has been handled since the last failure. */
  #hasOwn = false;
  #claimDueMs = 0;
  /** Monotonic time of the last read that left nothing undelivered, once its entries are handled. */
  caughtUpMs: number | undefined;
  /** Why no entries are handled at present; undefined while they are. */
  trouble: CheckResult | undefined = failed('Joining', 'has not joined its consumer group yet');

  constructor(options: StreamConsumerOptions<T>, member: Membership, metrics: ConsumerMetrics) {
    this.#options = options;
    this.#member = member;
    this.#metrics = metrics;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, log, group, commands, blocking, enabled = () => true } = this.#options;
    let failures = 0;
    while (!signal.aborted) {
      if (!enabled()) {
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
        // A reply that was lost may have delivered entries: they are older than what is read next.
        this.#hasOwn = false;
        this.caughtUpMs = undefined;
        if (isGroupMissing(error)) this.#joined = false;
        else this.trouble = failed('RedisFailing', messageOf(error));
        log.warn({ group, failures, err: error }, 'stream consumer failed, retrying');
        await pause(clock, backoffMs(failures, { minMs: 50, maxMs: 2_000 }, clock.random), signal);
      }
    }
  }

  async #pass(signal: AbortSignal): Promise<void> {
    const { clock, blocking, streams, batchSize = 100, blockMs = 1_000 } = this.#options;
    if (!this.#joined) await this.#join();
    if (!this.#hasOwn) await this.#resume(signal);
    if (clock.monotonicMs() >= this.#claimDueMs) await this.#takeOver(this.#minIdleMs(), signal);
    const options = { streams, count: batchSize, blockMs: Math.min(blockMs, BLOCK_MS_MAX) };
    const entries = await readNew(blocking, this.#member, options);
    this.trouble = undefined;
    const readMs = clock.monotonicMs();
    await this.#settle(entries, signal);
    if (entries.length < batchSize) this.caughtUpMs = readMs;
  }

  async #join(): Promise<void> {
    const { streams, from = 'start', log, group } = this.#options;
    const start = from === 'newest' && !this.#everJoined ? '$' : '0';
    for (const stream of streams) await ensureGroup(this.#member, stream, start);
    if (this.#everJoined) log.warn({ group, streams }, 'consumer group rejoined');
    this.#joined = true;
    this.#everJoined = true;
    this.trouble = undefined;
  }

  /**
   * Handles what this member, or an earlier process of its name, was given. In one batch with what has come since: a
   * handler that takes the newest of a kind must not act on an older one first.
   */
  async #resume(signal: AbortSignal): Promise<void> {
    const { blocking, streams, batchSize = 100, sole = false } = this.#options;
    const claim = sole ? claimIdle : claimOwn;
    const own: RawEntry[] = [];
    for (const stream of streams) {
      let start = '0-0';
      do {
        const claimed = await claim(this.#member, { stream, minIdleMs: 0, start, count: batchSize });
        this.#metrics.entries.inc({ stream, outcome: 'lost' }, claimed.lost);
        own.push(...claimed.entries);
        start = claimed.next;
      } while (start !== '0-0' && !signal.aborted);
    }
    const newer =
      own.length === 0 ? [] : await readNew(blocking, this.#member, { streams, count: batchSize, blockMs: 1 });
    await this.#settle([...own, ...newer], signal);
    this.#hasOwn = !signal.aborted;
  }

  #minIdleMs(): number {
    return this.#options.minIdleMs ?? 30_000;
  }

  async #takeOver(minIdleMs: number, signal: AbortSignal): Promise<void> {
    const { clock, streams, batchSize = 100 } = this.#options;
    this.#claimDueMs = clock.monotonicMs() + Math.max(this.#minIdleMs() / 2, 50);
    for (const stream of streams) {
      let start = '0-0';
      do {
        // What is claimed is older than what was read since: whoever asks must not act before it is handled. From
        // before the claim on, because the monitor may see that nobody else has it before this loop knows that it does.
        const { caughtUpMs } = this;
        this.caughtUpMs = undefined;
        const claim = await claimIdle(this.#member, { stream, minIdleMs, count: batchSize, start });
        this.#metrics.entries.inc({ stream, outcome: 'lost' }, claim.lost);
        if (claim.entries.length === 0) this.caughtUpMs = caughtUpMs;
        await this.#settle(claim.entries, signal);
        start = claim.next;
      } while (start !== '0-0' && !signal.aborted);
    }
  }

  async #settle(entries: readonly RawEntry[], signal: AbortSignal): Promise<void> {
    if (entries.length === 0) return;
    const { handle, parse, clock, log, maxDeliveries = 5 } = this.#options;
    await settleBatch(entries, {
      handle,
      parse,
      clock,
      log,
      maxDeliveries,
      signal,
      member: this.#member,
      metrics: this.#metrics,
      judged: this.#judged,
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
