import type { Publication, PublishResult } from '../shared/redis/publisher.ts';
import type { Clock } from '../shared/runtime/clock.ts';
import type { Logger } from '../shared/runtime/logger.ts';
import { periodic, type Periodic } from '../shared/runtime/periodic.ts';
import type { OutboxRow } from './store/load-unpublished.ts';

export interface OutboxPorts {
  readonly load: (limit: number) => Promise<readonly OutboxRow[]>;
  readonly mark: (ids: readonly string[]) => Promise<void>;
  readonly forget: (beforeMs: number) => Promise<void>;
  readonly publish: (entries: readonly Publication[]) => Promise<readonly PublishResult[]>;
}

const BATCH = 200;
const EVERY_MS = 200;
const KEEP_PUBLISHED_MS = 3_600_000;
const FORGET_EVERY_MS = 60_000;
/** Nothing of ours needs these streams to be whole, Postgres is the record; readers see about this many entries back. */
const STREAM_LENGTH = 100_000;

/**
 * Publishes what was committed, in the order of the commits. The row's id is the entry's id: Redis refuses what it has already, so that publishing again
 * after a lost reply or a crash is harmless, and an empty Redis takes up where the record stands.
 */
export function createOutboxRelay(ports: OutboxPorts, clock: Clock, log: Logger): Periodic {
  let forgotMs = Number.NEGATIVE_INFINITY;
  return periodic({
    name: 'outbox',
    intervalMs: EVERY_MS,
    clock,
    log,
    task: async () => {
      while ((await relay(ports, log)) === BATCH);
      if (clock.monotonicMs() - forgotMs < FORGET_EVERY_MS) return;
      forgotMs = clock.monotonicMs();
      await ports.forget(clock.nowMs() - KEEP_PUBLISHED_MS);
    },
  });
}

/** One batch; returns how many rows were published. Stops at the first that was not: its followers must not overtake it. */
async function relay({ load, mark, publish }: OutboxPorts, log: Logger): Promise<number> {
  const rows = await load(BATCH);
  if (rows.length === 0) return 0;
  const entries = rows.map(({ id, stream, payload }) => ({ stream, payload, id: `${id}-0`, maxLength: STREAM_LENGTH }));
  const results = await publish(entries);
  const failedAt = results.findIndex((result) => !isThere(result));
  const done = failedAt === -1 ? rows : rows.slice(0, failedAt);
  if (failedAt !== -1) log.debug({ result: results[failedAt] }, 'outbox waits for redis');
  if (done.length > 0) await mark(done.map(({ id }) => id));
  return done.length;
}

/** An id that is not above the stream's last one was published before and has been trimmed since: ids are drawn in the order of commits. */
function isThere(result: PublishResult): boolean {
  return (
    result.kind === 'ok' || result.kind === 'duplicate' || (result.kind === 'refused' && result.reason === 'IdNotAbove')
  );
}
