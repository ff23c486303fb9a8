import type { Publication, PublishResult } from '../shared/redis/publisher.ts';
import type { Clock } from '../shared/runtime/clock.ts';
import { failed, OK, type CheckResult } from '../shared/runtime/health.ts';
import type { Logger } from '../shared/runtime/logger.ts';
import { periodic } from '../shared/runtime/periodic.ts';
import type { ServicePart } from '../shared/runtime/service-part.ts';
import type { ExecutionMetrics } from './metrics.ts';
import type { OutboxRow } from './store/outbox/load-unpublished.ts';

export interface OutboxPorts {
  readonly load: (limit: number) => Promise<readonly OutboxRow[]>;
  readonly mark: (ids: readonly string[]) => Promise<void>;
  readonly forget: (beforeMs: number) => Promise<void>;
  readonly publish: (entry: Publication) => Promise<PublishResult>;
}

interface Kit {
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Pick<ExecutionMetrics, 'outboxRepeats'>;
}

export interface OutboxRelay extends ServicePart {
  /** Fails while the oldest message that was seen unpublished is older than readers can be asked to bear. */
  check(): CheckResult;
}

const BATCH = 200;
const EVERY_MS = 200;
const BEHIND_MS = 30_000;
const KEEP_PUBLISHED_MS = 3_600_000;
const FORGET_EVERY_MS = 60_000;
/** Nothing of ours needs these streams to be whole, Postgres is the record; readers see about this many entries back. */
const STREAM_LENGTH = 100_000;

/**
 * Publishes what was committed, in the order of the commits. The row's id is the entry's id: Redis refuses what it has already, so that publishing again
 * after a lost reply or a crash is harmless, and an empty Redis takes up where the record stands.
 */
export function createOutboxRelay(ports: OutboxPorts, kit: Kit): OutboxRelay {
  const { clock, log } = kit;
  let forgotMs = Number.NEGATIVE_INFINITY;
  let oldest: OutboxRow | undefined;

  const batch = async (): Promise<boolean> => {
    const rows = await ports.load(BATCH);
    oldest = rows[0];
    const done = await publishInOrder(rows, ports, kit);
    if (done.length > 0) await ports.mark(done);
    oldest = rows[done.length];
    return done.length === BATCH;
  };
  const relay = periodic({
    name: 'outbox',
    intervalMs: EVERY_MS,
    clock,
    log,
    task: async () => {
      while (await batch());
      if (clock.monotonicMs() - forgotMs < FORGET_EVERY_MS) return;
      forgotMs = clock.monotonicMs();
      await ports.forget(clock.nowMs() - KEEP_PUBLISHED_MS);
    },
  });
  return {
    name: relay.name,
    run: async (signal) => await relay.run(signal),
    check: () => {
      const ageMs = oldest === undefined ? 0 : Math.round(clock.nowMs() - oldest.createdMs);
      if (oldest === undefined || ageMs <= BEHIND_MS) return OK;
      return failed('OutboxBehind', `message ${oldest.id} for ${oldest.stream} has waited for Redis for ${ageMs} ms`);
    },
  };
}

/**
 * Ids of the rows that are in Redis now. One at a time, up to the first that was not taken: once a follower is there, Redis refuses the id that it has
 * overtaken for good, and that looks like one which was published before.
 */
async function publishInOrder(rows: readonly OutboxRow[], { publish }: OutboxPorts, kit: Kit): Promise<string[]> {
  const done: string[] = [];
  for (const { id, stream, payload } of rows) {
    const result = await publish({ stream, payload, id: `${id}-0`, maxLength: STREAM_LENGTH });
    if (!isThere(result)) {
      kit.log.debug({ result }, 'outbox waits for redis');
      break;
    }
    if (result.kind !== 'ok') noteRepeat({ id, stream }, result.kind === 'refused' ? 'IdNotAbove' : 'Duplicate', kit);
    done.push(id);
  }
  return done;
}

/** An id that is not above the stream's last one was published before and has been trimmed since: ids are drawn in the order of commits. */
function isThere(result: PublishResult): boolean {
  return (
    result.kind === 'ok' || result.kind === 'duplicate' || (result.kind === 'refused' && result.reason === 'IdNotAbove')
  );
}

/** Usual after a crash or a lost reply; at any other time somebody else writes to our streams. */
function noteRepeat(row: Pick<OutboxRow, 'id' | 'stream'>, kind: 'Duplicate' | 'IdNotAbove', { metrics, log }: Kit) {
  metrics.outboxRepeats.inc({ kind });
  log.warn({ ...row, kind }, 'message of the outbox was published before');
}
