import { Registry } from 'prom-client';
import { afterEach } from 'vitest';
import { z } from 'zod';
import { createBlockingClient, createProducerClient, type RedisClient } from '../../../services/shared/redis/client.ts';
import type { BatchHandler } from '../../../services/shared/redis/consumer/settle-batch.ts';
import {
  createStreamConsumer,
  type StreamConsumer,
  type StreamConsumerOptions,
} from '../../../services/shared/redis/consumer/stream-consumer.ts';
import { systemClock } from '../../../services/shared/runtime/clock.ts';
import { createLogger } from '../../../services/shared/runtime/logger.ts';
import type { RedisAddress } from './private-redis.ts';
import { useRedis } from './use-redis.ts';
import { until } from '../until.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const schema = z.strictObject({ n: z.int() });
export type Payload = z.output<typeof schema>;

export interface StartedConsumer {
  readonly consumer: StreamConsumer;
  readonly commands: RedisClient;
  readonly metrics: Registry;
  readonly stop: () => Promise<void>;
}

/** Opens the two connections of a member. */
export async function connectConsumer(options: RedisAddress) {
  const all = { ...options, name: 'test', log };
  const clients = { commands: createProducerClient(all), blocking: createBlockingClient(all) };
  await until(() => clients.commands.status === 'ready' && clients.blocking.status === 'ready');
  return clients;
}

type StartOptions = Partial<StreamConsumerOptions<Payload>> & { readonly at: RedisAddress };

/** Starts a member of the group `risk`, which reads the stream `signals`: `risk-1`, unless `options` name another. */
async function startConsumer(
  handle: BatchHandler<Payload>,
  { at, ...options }: StartOptions,
): Promise<StartedConsumer> {
  const clients = await connectConsumer(at);
  const metrics = new Registry();
  const consumer = createStreamConsumer({
    ...clients,
    streams: ['signals'],
    group: 'risk',
    consumer: 'risk-1',
    parse: (json) => schema.parse(json),
    handle,
    clock: systemClock,
    log,
    metrics,
    blockMs: 100,
    minIdleMs: 200,
    ...options,
  });
  const abort = new AbortController();
  const ended = consumer.run(abort.signal);
  let stopped = false;
  const stop = async (): Promise<void> => {
    if (stopped) return;
    stopped = true;
    abort.abort();
    await ended;
    await consumer.stop?.();
    clients.commands.disconnect();
  };
  return { consumer, commands: clients.commands, metrics, stop };
}

/** Gives the tests of a file members of a group on the Redis of the run. They are stopped after each test. */
export function useStreamConsumers() {
  const server = useRedis();
  const ending: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const end of ending.splice(0).reverse()) await end();
  });
  return {
    server,
    /** What a test adds runs after it. */
    ending,
    start: async (handle: BatchHandler<Payload>, options: Partial<StartOptions> = {}): Promise<StartedConsumer> => {
      const started = await startConsumer(handle, { ...options, at: options.at ?? server.options });
      ending.push(started.stop);
      return started;
    },
    add: async (...payloads: readonly unknown[]): Promise<void> => {
      for (const payload of payloads) await server.redis.xadd('signals', '*', 'data', JSON.stringify(payload));
    },
    pending: async (): Promise<number> => {
      const [count] = (await server.redis.xpending('signals', 'risk')) as [number];
      return count;
    },
  };
}
