import type { PublishResult } from '../shared/redis/publisher.ts';
import type { Clock } from '../shared/runtime/clock.ts';
import { failed, OK, type CheckResult } from '../shared/runtime/health.ts';
import type { Logger } from '../shared/runtime/logger.ts';
import { pause, periodic } from '../shared/runtime/periodic.ts';
import { createSerialQueue } from '../shared/runtime/serial-queue.ts';
import type { ServicePart } from '../shared/runtime/service-part.ts';
import type { ExecutionMetrics } from './metrics.ts';
import type { Fence } from './core/role.ts';
import type { OutboxPorts, OutboxRow } from './ports.ts';

interface Modules {
  readonly clock: Clock;
  readonly log: Logger;
  /** The fence that this process was granted. */
  readonly heldFence: () => Fence | undefined;
  readonly metrics: Pick<ExecutionMetrics, 'outboxRepeats'>;
}

export interface OutboxRelay extends ServicePart {
  /** Fails while the oldest unpublished message is older than 30 s. */
  check(): CheckResult;
  /**
   * Publishes what the outbox has, for the process that stops or drains: for at most a second. Never rejects. What is
   * left, the next holder relays.
   */
  flush(): Promise<void>;
}

const BATCH = 200;
const EVERY_MS = 200;
const BEHIND_MS = 30_000;
const KEEP_PUBLISHED_MS = 3_600_000;
const FORGET_EVERY_MS = 60_000;
const FLUSH_MS = 1_000;
/** Approximate number of entries that streams retain. No reader needs all entries, because Postgres is the record. */
const STREAM_LENGTH = 100_000;

/**
 * Publishes committed messages in the order in which the record placed them. The row's ID is the entry's ID, and Redis
 * rejects an ID that it already has: publishing again after a lost reply or a crash is harmless, and an empty Redis
 * continues from the unpublished rows.
 *
 * Only the holder of the fence relays: two relays beside each other publish each message twice. Before it stops it
 * relays what is there; what it leaves, the next holder relays. One that loses the fence in the middle of a batch may
 * still publish that batch.
 */
export function createOutboxRelay(ports: OutboxPorts, modules: Modules): OutboxRelay {
  const { clock, log, heldFence } = modules;
  let deletedAtMs = Number.NEGATIVE_INFINITY;
  let oldest: OutboxRow | undefined;

  const batch = async (held: Fence): Promise<boolean> => {
    const rows = await ports.load({ held, limit: BATCH });
    oldest = rows[0];
    const done = await publishInOrder(rows, ports, modules);
    if (done.length > 0) await ports.mark(done);
    oldest = rows[done.length];
    return done.length === BATCH;
  };
  /** One batch at a time: two would publish the same messages. */
  const serially = createSerialQueue();
  const relayAll = async (mayGoOn: () => boolean): Promise<void> => {
    const held = heldFence();
    if (held === undefined) return;
    while (mayGoOn() && (await batch(held)));
  };
  const relay = periodic({
    name: 'outbox',
    intervalMs: EVERY_MS,
    clock,
    log,
    task: async (signal) => {
      await serially(async () => await relayAll(() => !signal.aborted));
      if (heldFence() === undefined) return;
      if (clock.monotonicMs() - deletedAtMs < FORGET_EVERY_MS) return;
      deletedAtMs = clock.monotonicMs();
      await ports.forget(clock.nowMs() - KEEP_PUBLISHED_MS);
    },
  });
  return {
    name: relay.name,
    run: async (signal) => await relay.run(signal),
    flush: async () => {
      const ended = new AbortController();
      const bound = pause(clock, FLUSH_MS, ended.signal);
      const rest = serially(async () => await relayAll(() => !ended.signal.aborted)).catch((error: unknown) =>
        log.warn({ err: error }, 'relaying the rest of the outbox failed, the next sender continues'),
      );
      await Promise.race([rest, bound]);
      ended.abort();
    },
    check: () => {
      const ageMs = oldest === undefined ? 0 : Math.round(clock.nowMs() - oldest.createdMs);
      if (oldest === undefined || ageMs <= BEHIND_MS) return OK;
      return failed(
        'OutboxBehind',
        `outbox message ${oldest.id} for stream ${oldest.stream} has waited ${ageMs} ms for Redis`,
      );
    },
  };
}

/**
 * Publishes rows serially up to the first that Redis does not accept, and returns the IDs of those that Redis has. A
 * later row must not overtake: Redis would then reject the earlier ID permanently, as if it had been published before.
 */
async function publishInOrder(
  rows: readonly OutboxRow[],
  { publish }: OutboxPorts,
  modules: Modules,
): Promise<string[]> {
  const done: string[] = [];
  for (const { id, stream, payload } of rows) {
    const result = await publish({ stream, payload, id: `${id}-0`, maxLength: STREAM_LENGTH });
    if (!isInRedis(result)) {
      modules.log.debug({ result }, 'outbox waits for Redis');
      break;
    }
    if (result.kind !== 'ok')
      recordRepeat({ id, stream }, result.kind === 'refused' ? 'IdNotAbove' : 'Duplicate', modules);
    done.push(id);
  }
  return done;
}

/**
 * Whether Redis has, or had, the message. Messages are published in ascending order of their IDs, by this relay and by
 * any other: one that is not above the stream's last ID was published before and has been trimmed since.
 */
function isInRedis(result: PublishResult): boolean {
  return (
    result.kind === 'ok' || result.kind === 'duplicate' || (result.kind === 'refused' && result.reason === 'IdNotAbove')
  );
}

/**
 * Repeats are normal after a crash, after a lost reply, and when the fence moves in the middle of a batch. At any other
 * time, another client writes to our streams.
 */
function recordRepeat(
  row: Pick<OutboxRow, 'id' | 'stream'>,
  kind: 'Duplicate' | 'IdNotAbove',
  { metrics, log }: Modules,
) {
  metrics.outboxRepeats.inc({ kind });
  log.warn({ ...row, kind }, 'outbox message was already published');
}
