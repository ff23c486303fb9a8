import type { Registry } from 'prom-client';
import type { Clock } from '../../runtime/clock.ts';
import { messageOf } from '../../runtime/errors.ts';
import { failed, OK, type CheckResult } from '../../runtime/health.ts';
import type { Logger } from '../../runtime/logger.ts';
import { pause } from '../../runtime/periodic.ts';
import { backoffMs } from '../../runtime/retry.ts';
import type { ServicePart } from '../../runtime/service-part.ts';
import { BLOCK_MS_MAX, untilConnected, type RedisClient } from '../client.ts';
import { readerMetrics, type ReaderMetrics } from './reader-metrics.ts';
import { createSequenceWatch, type SequenceGap, type SequenceOf } from './sequence-watch.ts';
import {
  compareIds,
  decodeEntry,
  entriesOfRead,
  type EntryReply,
  type ParsePayload,
  type RawEntry,
  type ReadReply,
  type StreamEntry,
} from '../stream-entry.ts';

export interface StreamReaderOptions<T> {
  /** Connection for the blocking reads of this reader only. The reader closes it when it stops. */
  readonly client: RedisClient;
  readonly streams: readonly string[];
  /**
   * Start position. `newest`: new entries only; `last`: the newest entry of each stream, then new ones; `start`: all
   * retained entries.
   */
  readonly from: 'newest' | 'last' | 'start';
  readonly parse: ParsePayload<T>;
  /** Called in the order of each stream. An error ends the process, because a reader cannot hand an entry back. */
  readonly onEntries: (entries: readonly StreamEntry<T>[]) => void | Promise<void>;
  readonly sequenceOf?: SequenceOf<T>;
  readonly onGap?: (gap: SequenceGap) => void;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Registry;
  readonly batchSize?: number;
  readonly blockMs?: number;
}

export interface StreamReader extends ServicePart {
  /** Passes once the reader has a position in its streams and Redis answers. */
  check(): CheckResult;
}

/**
 * Creates a reader of fan-out streams without a group: every reader sees every entry, and a reader that falls behind
 * the MAXLEN of the producer loses entries, which the sequence numbers of the producer reveal. Malformed entries are
 * counted and skipped. After a lost connection it resumes at its position, or at the start of a stream that was
 * recreated.
 */
export function createStreamReader<T>(options: StreamReaderOptions<T>): StreamReader {
  const loop = new ReaderLoop(options);
  return {
    name: `reader ${options.streams[0] ?? ''}`,
    run: async (signal) => await loop.run(signal),
    stop: async () => {
      options.client.disconnect();
      await Promise.resolve();
    },
    check: () => loop.trouble ?? OK,
  };
}

class ReaderLoop<T> {
  readonly #options: StreamReaderOptions<T>;
  readonly #metrics: ReaderMetrics;
  readonly #watch: (entry: StreamEntry<T>) => void;
  /** ID of the last entry read, per stream. */
  readonly #positions = new Map<string, string>();
  #positioned = false;
  trouble: CheckResult | undefined = failed('Joining', 'has not read from Redis yet');

  constructor(options: StreamReaderOptions<T>) {
    this.#options = options;
    this.#metrics = readerMetrics(options.metrics);
    const { sequenceOf, onGap } = options;
    this.#watch =
      sequenceOf === undefined
        ? () => {}
        : createSequenceWatch(sequenceOf, (gap) => {
            this.#metrics.gaps.inc({ stream: gap.stream }, gap.received - gap.expected);
            onGap?.(gap);
          });
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, log, client } = this.#options;
    let failures = 0;
    while (!signal.aborted) {
      await untilConnected([client], clock, signal);
      if (signal.aborted) return;
      const entries = await this.#read().catch((error: unknown) => {
        failures += 1;
        this.#positioned = false;
        this.trouble = failed('RedisFailing', messageOf(error));
        if (!signal.aborted) log.warn({ failures, err: error }, 'stream reader failed, retrying');
      });
      if (entries === undefined) {
        await pause(clock, backoffMs(failures, { minMs: 50, maxMs: 2_000 }, clock.random), signal);
        continue;
      }
      failures = 0;
      this.trouble = undefined;
      if (!signal.aborted) await this.#deliver(entries);
    }
  }

  async #read(): Promise<readonly RawEntry[]> {
    const { client, streams, batchSize = 500, blockMs = 1_000 } = this.#options;
    if (!this.#positioned) {
      for (const stream of streams) await this.#setPosition(stream);
      this.#positioned = true;
    }
    const positions = streams.map((stream) => this.#positions.get(stream) ?? '0-0');
    const wait = ['COUNT', batchSize, 'BLOCK', Math.min(blockMs, BLOCK_MS_MAX)];
    const reply = (await client.call('XREAD', ...wait, 'STREAMS', ...streams, ...positions)) as ReadReply;
    const entries = entriesOfRead(reply, client.options.keyPrefix);
    for (const { stream, id } of entries) this.#positions.set(stream, id);
    // Silence may mean that a stream was recreated with smaller IDs than the one awaited.
    if (entries.length === 0) for (const stream of streams) await this.#setPosition(stream);
    return entries;
  }

  /**
   * Sets the position of a stream: after the last entry read, or at the start of a stream that lies entirely before it.
   */
  async #setPosition(stream: string): Promise<void> {
    const { client, from } = this.#options;
    const newest = (await client.call('XREVRANGE', stream, '+', '-', 'COUNT', 2)) as readonly EntryReply[];
    const lastId = newest[0]?.[0] ?? '0-0';
    const seen = this.#positions.get(stream);
    if (seen === undefined) {
      const before = { newest: lastId, last: newest[1]?.[0] ?? '0-0', start: '0-0' };
      this.#positions.set(stream, before[from]);
    } else if (newest.length > 0 && compareIds(lastId, seen) < 0) {
      this.#options.log.warn({ stream, seen, lastId }, 'stream was recreated, reading it from the start');
      this.#positions.set(stream, '0-0');
    }
  }

  async #deliver(raws: readonly RawEntry[]): Promise<void> {
    const { parse, onEntries, log } = this.#options;
    const entries: StreamEntry<T>[] = [];
    for (const raw of raws) {
      const decoded = decodeEntry(raw, parse);
      const { stream } = raw;
      this.#metrics.entries.inc({ stream, outcome: decoded.kind === 'entry' ? 'read' : 'malformed' });
      if (decoded.kind === 'malformed') {
        log.warn({ stream, id: raw.id, reason: decoded.reason }, 'malformed stream entry skipped');
        continue;
      }
      this.#watch(decoded.entry);
      entries.push(decoded.entry);
    }
    if (entries.length > 0) await onEntries(entries);
  }
}
