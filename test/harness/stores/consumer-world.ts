import { Registry } from 'prom-client';
import { z } from 'zod';
import { SOUND_REDIS } from '../../../services/replay/core/redis-faults.ts';
import { createScheduler } from '../../../services/replay/core/scheduler.ts';
import { createRedisWorld } from '../../../services/replay/redis/redis-world.ts';
import type { BatchHandler } from '../../../services/shared/redis/consumer/settle-batch.ts';
import {
  createStreamConsumer,
  type StreamConsumerOptions,
} from '../../../services/shared/redis/consumer/stream-consumer.ts';
import { createLogger } from '../../../services/shared/runtime/logger.ts';

const payload = z.object({ n: z.number() });
export type Handler = BatchHandler<z.output<typeof payload>>;
const log = createLogger({ name: 'test', level: 'silent' });
type ConsumerChange = Partial<
  Pick<StreamConsumerOptions<unknown>, 'batchSize' | 'enabled' | 'succeedsAfterMs' | 'blockMs'>
>;
/** Idle time after which the processes take entries over. */
export const IDLE_MS = 30_000;

/**
 * A Redis and processes of the group `risk`, which read the stream `signals`, on virtual time. An entry of the number
 * `deadly` ends the process whose handler gets it.
 */
export async function createConsumerWorld(deadly = -1) {
  const scheduler = createScheduler(Date.UTC(2026, 0, 1));
  const redis = createRedisWorld({ scheduler, faults: SOUND_REDIS, restarts: [], stack: 's' });
  const admin = redis.access().connect();
  const pass = async (ms: number): Promise<void> => void (await scheduler.run(scheduler.nowMs() + ms));
  const call = async (command: string, ...args: readonly (string | number)[]): Promise<unknown> => {
    const reply = admin.call(command, ...args);
    await pass(10);
    return await reply;
  };
  await call('XGROUP', 'CREATE', 'signals', 'risk', '0', 'MKSTREAM');
  return {
    pass,
    call,
    nowMs: () => scheduler.nowMs(),
    add: async (...numbers: readonly number[]): Promise<void> => {
      for (const n of numbers) await call('XADD', 'signals', '*', 'data', JSON.stringify({ n }));
    },
    letters: async (): Promise<readonly Record<string, unknown>[]> => {
      const entries = (await call('XRANGE', 'dead.signals', '-', '+')) as [string, [string, string]][];
      return entries.map(([, [, data]]) => JSON.parse(data) as Record<string, unknown>);
    },
    pending: async () => (await call('XPENDING', 'signals', 'risk', '-', '+', 1_000)) as unknown[],
    /** Starts a process of the given name. */
    start: (handle: Handler, consumer = 'risk-1', change: ConsumerChange = {}) => {
      const access = redis.access();
      const life = { startMs: scheduler.nowMs(), endMs: undefined as number | undefined };
      const member = createStreamConsumer({
        blocking: access.connect(),
        commands: access.connect(),
        streams: ['signals'],
        group: 'risk',
        consumer,
        parse: (json) => payload.parse(json),
        handle: async (entries, signal) => {
          if (entries.every((entry) => entry.payload.n !== deadly)) return await handle(entries, signal);
          life.endMs = scheduler.nowMs();
          access.kill();
          return await new Promise<never>(() => {});
        },
        clock: scheduler,
        log,
        metrics: new Registry(),
        subjectOf: ({ n }) => `pair ${n}`,
        minIdleMs: IDLE_MS,
        ...change,
      });
      const ending = new AbortController();
      void member.run(ending.signal);
      return { life, unread: () => member.unread(10_000), succeed: () => member.succeed() };
    },
  };
}
