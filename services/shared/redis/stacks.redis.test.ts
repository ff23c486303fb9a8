import { Redis } from 'ioredis';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startPrivateRedis, type PrivateRedis } from '../../../test/harness/stores/private-redis.ts';
import { until } from '../../../test/harness/until.ts';
import { INSTRUMENTS, SIGNALS, tradesStream } from '../contracts/keys.ts';
import { systemClock } from '../runtime/clock.ts';
import { createLogger } from '../runtime/logger.ts';
import { createBlockingClient, createProducerClient, type RedisClient } from './client.ts';
import { prolong } from './prolong.ts';
import { createPublisher } from './publisher.ts';
import { createStreamConsumer } from './consumer/stream-consumer.ts';
import { createStreamReader } from './reader/stream-reader.ts';

/** The stack `demo`, and its successor after deletion and recreation: same name, different UID. */
const FIRST = 'demo-11111111';
const SECOND = 'demo-22222222';
const TRADES = tradesStream('XRP/ETH');

const log = createLogger({ name: 'test', level: 'silent' });
const ending: (() => Promise<void>)[] = [];
let server: PrivateRedis;
let admin: Redis;

beforeEach(async () => {
  server = await startPrivateRedis();
  admin = new Redis(server.options);
  admin.on('error', () => {});
});
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
  admin.disconnect();
  await server.stop();
});

async function connect(stack: string, create = createProducerClient): Promise<RedisClient> {
  const client = create({ ...server.options, stack, name: 'test', log });
  ending.push(async () => await Promise.resolve(client.disconnect()));
  await until(() => client.status === 'ready');
  return client;
}

/** The risk service of a stack: a member of the group `risk` on `signals`. `stop` ends it without any cleanup. */
async function consume(stack: string) {
  const seen: unknown[] = [];
  const consumer = createStreamConsumer({
    blocking: await connect(stack, createBlockingClient),
    commands: await connect(stack),
    streams: [SIGNALS],
    group: 'risk',
    consumer: 'risk-1',
    parse: (json) => json,
    handle: async (entries) => {
      seen.push(...entries.map(({ payload, stream }) => ({ payload, stream })));
      return await Promise.resolve(entries.map(() => ({ kind: 'ack' })));
    },
    clock: systemClock,
    log,
    metrics: new Registry(),
    blockMs: 50,
  });
  return { seen, consumer, stop: run(consumer) };
}

/** The signal service of a stack: reads the retained trades. */
async function read(stack: string) {
  const seen: unknown[] = [];
  const reader = createStreamReader({
    client: await connect(stack, createBlockingClient),
    streams: [TRADES],
    from: 'start',
    parse: (json) => json,
    onEntries: (entries) => void seen.push(...entries.map(({ payload, stream }) => ({ payload, stream }))),
    clock: systemClock,
    log,
    metrics: new Registry(),
    blockMs: 50,
  });
  return { seen, reader, stop: run(reader) };
}

function run(part: { run(signal: AbortSignal): Promise<void> }): () => Promise<void> {
  const abort = new AbortController();
  const ended = part.run(abort.signal);
  const stop = async (): Promise<void> => {
    abort.abort();
    await ended;
  };
  ending.push(stop);
  return stop;
}

async function publish(stack: string, stream: string, payload: unknown): Promise<void> {
  expect(await createPublisher(await connect(stack)).publish(stream, payload)).toMatchObject({ kind: 'ok' });
}

describe('two stacks on one Redis', () => {
  it('never see entries of each other, and both keep working', async () => {
    const [first, second] = [await consume(FIRST), await consume(SECOND)];
    const [firstTrades, secondTrades] = [await read(FIRST), await read(SECOND)];
    await publish(FIRST, SIGNALS, 'of the first');
    await publish(SECOND, SIGNALS, 'of the second');
    await publish(FIRST, TRADES, 'at 5');
    await publish(SECOND, TRADES, 'at 6');
    await until(() => [first, second, firstTrades, secondTrades].every(({ seen }) => seen.length > 0));
    await publish(FIRST, SIGNALS, 'again');
    await until(() => first.seen.length > 1);
    const of = (stream: string, ...payloads: string[]) => payloads.map((payload) => ({ payload, stream }));
    expect(first.seen).toEqual(of(SIGNALS, 'of the first', 'again'));
    expect(second.seen).toEqual(of(SIGNALS, 'of the second'));
    expect(firstTrades.seen).toEqual(of(TRADES, 'at 5'));
    expect(secondTrades.seen).toEqual(of(TRADES, 'at 6'));
    expect([first.consumer.check(), second.consumer.check()]).toMatchObject([{ ok: true }, { ok: true }]);
  });

  it('write no keys outside their own prefix', async () => {
    const { stop } = await consume(FIRST);
    await publish(FIRST, SIGNALS, 'one');
    await publish(FIRST, TRADES, 'one');
    await (await connect(FIRST)).hset(INSTRUMENTS, 'XRP/ETH', '{}');
    await until(async () => (await admin.keys('*')).length === 3);
    await stop();
    expect((await admin.keys('*')).toSorted()).toEqual(
      [INSTRUMENTS, TRADES, SIGNALS].map((key) => `${FIRST}:${key}`).toSorted(),
    );
  });
});

describe('a stack', () => {
  it('finds its entries after kill -9, and one recreated under its name does not', async () => {
    await publish(FIRST, SIGNALS, 'seen');
    await publish(FIRST, TRADES, 'history');
    const before = await consume(FIRST);
    await until(() => before.seen.length === 1);
    await before.stop();
    await publish(FIRST, SIGNALS, 'pending');
    const [successor, stranger] = [await consume(FIRST), await consume(SECOND)];
    const [history, none] = [await read(FIRST), await read(SECOND)];
    await until(() => successor.seen.length > 0 && history.seen.length > 0);
    await until(() => stranger.consumer.check().ok && none.reader.check().ok);
    expect(successor.seen).toEqual([{ payload: 'pending', stream: SIGNALS }]);
    expect(history.seen).toEqual([{ payload: 'history', stream: TRADES }]);
    expect([stranger.seen, none.seen]).toEqual([[], []]);
  });

  it('leaves keys that expire after its deletion, and writes extend their expiry', async () => {
    const [client, { stop }] = [await connect(FIRST), await consume(FIRST)];
    await client.hset(INSTRUMENTS, 'XRP/ETH', '{}');
    await prolong(client, INSTRUMENTS);
    await publish(FIRST, SIGNALS, '{}');
    await publish(FIRST, TRADES, '{}');
    await stop();
    const keys = await admin.keys('*');
    expect(keys).toHaveLength(3);
    for (const key of keys) await admin.expire(key, 100);
    await publish(FIRST, SIGNALS, '{}');
    await publish(FIRST, TRADES, '{}');
    await prolong(client, INSTRUMENTS);
    const hours = await Promise.all([TRADES, INSTRUMENTS, SIGNALS].map(async (key) => (await client.ttl(key)) / 3_600));
    expect(hours.map(Math.round)).toEqual([24, 24, 168]);
  });

  it('keeps working when a quiet stream expires under its group', async () => {
    const { seen, consumer } = await consume(FIRST);
    await publish(FIRST, SIGNALS, 1);
    await until(() => seen.length === 1);
    await admin.pexpire(`${FIRST}:${SIGNALS}`, 1);
    await until(async () => (await admin.exists(`${FIRST}:${SIGNALS}`)) === 1);
    await publish(FIRST, SIGNALS, 2);
    await until(() => seen.length === 2 && consumer.check().ok);
    expect(seen).toEqual([1, 2].map((payload) => ({ payload, stream: SIGNALS })));
  });

  it('keeps working after Redis restarts empty, and its keys expire again', async () => {
    const [first, second] = [await consume(FIRST), await consume(SECOND)];
    await publish(FIRST, SIGNALS, 1);
    await until(() => first.seen.length === 1);
    await server.restart({ forget: true });
    await until(() => first.consumer.check().ok && second.consumer.check().ok);
    await until(async () => (await admin.keys('*').catch(() => [])).length === 2, 10_000);
    await publish(FIRST, SIGNALS, 2);
    await until(() => first.seen.length === 2);
    expect(second.seen).toEqual([]);
    for (const key of await admin.keys('*')) expect(await admin.ttl(key)).toBeGreaterThan(86_400);
  });
});
