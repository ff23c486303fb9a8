import { Registry } from 'prom-client';
import { Redis } from 'ioredis';
import { PAYLOAD_FIELD } from '../../../services/shared/contracts/keys.ts';
import type { SignalPayload } from '../../../services/shared/contracts/messages/signal.ts';
import { createBlockingClient, createProducerClient } from '../../../services/shared/redis/client.ts';
import { ACK } from '../../../services/shared/redis/consumer/settle-batch.ts';
import { createStreamConsumer } from '../../../services/shared/redis/consumer/stream-consumer.ts';
import { systemClock } from '../../../services/shared/runtime/clock.ts';
import { createLogger } from '../../../services/shared/runtime/logger.ts';
import type { RedisAddress } from '../../harness/stores/private-redis.ts';
import { numberOf, parseMessage } from './message.ts';

/** Who reads: our consumer, or a loop over ioredis alone that parses JSON and acknowledges each batch. */
export const KINDS = ['ours', 'bare'] as const;
export type Kind = (typeof KINDS)[number];

/** A running member of the group `bench`. */
export interface RunningConsumer {
  stop(): Promise<void>;
}

export interface ConsumerOptions {
  readonly address: RedisAddress;
  readonly stream: string;
  /** Called with the number of each message, in order. */
  readonly onMessage: (n: number) => void;
}

export const GROUP = 'bench';
const COUNT = 100;
export const log = createLogger({ name: 'bench', level: 'silent' });

export async function startConsumer(kind: Kind, options: ConsumerOptions): Promise<RunningConsumer> {
  return await (kind === 'ours' ? startOurs(options) : startBare(options));
}

async function startOurs({ address, stream, onMessage }: ConsumerOptions): Promise<RunningConsumer> {
  const commands = createProducerClient({ ...address, name: 'bench', log });
  const consumer = createStreamConsumer({
    blocking: createBlockingClient({ ...address, name: 'bench', log }),
    commands,
    streams: [stream],
    group: GROUP,
    consumer: 'bench-1',
    parse: parseMessage,
    handle: async (entries) => {
      for (const { payload } of entries) onMessage(numberOf(payload));
      return await Promise.resolve(entries.map(() => ACK));
    },
    clock: systemClock,
    log,
    metrics: new Registry(),
  });
  const end = new AbortController();
  const running = consumer.run(end.signal);
  return await Promise.resolve({
    stop: async () => {
      end.abort();
      await consumer.stop?.();
      await running;
      commands.disconnect();
    },
  });
}

type Reply = readonly (readonly [string, readonly (readonly [string, readonly [string, string]])[]])[] | null;

async function startBare({ address, stream, onMessage }: ConsumerOptions): Promise<RunningConsumer> {
  const blocking = openBare(address);
  const commands = openBare(address);
  await commands.xgroup('CREATE', stream, GROUP, '0', 'MKSTREAM');
  const end = new AbortController();
  const read = async (): Promise<void> => {
    while (!end.signal.aborted) {
      const who = ['GROUP', GROUP, 'bench-1', 'COUNT', COUNT, 'BLOCK', 1_000, 'STREAMS', stream, '>'];
      const reply = (await blocking.call('XREADGROUP', ...who)) as Reply;
      const entries = reply?.[0]?.[1] ?? [];
      for (const [, [, data]] of entries) onMessage(numberOf(JSON.parse(data) as SignalPayload));
      if (entries.length > 0) await commands.xack(stream, GROUP, ...entries.map(([id]) => id));
    }
  };
  const reading = read();
  return {
    stop: async () => {
      end.abort();
      await reading;
      blocking.disconnect();
      commands.disconnect();
    },
  };
}

export function openBare({ host, port, username, password }: RedisAddress, keyPrefix = 'bare:'): Redis {
  return new Redis({ host, port, username, password, keyPrefix, protocol: 2 });
}

export async function addBare(redis: Redis, stream: string, message: SignalPayload): Promise<void> {
  await redis.xadd(stream, '*', PAYLOAD_FIELD, JSON.stringify(message));
}
