import { Redis } from 'ioredis';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPrivateRedis, type PrivateRedis } from '../../../test/harness/stores/private-redis.ts';
import { until } from '../../../test/harness/until.ts';
import { CATALOGUE, catalogueRow, type ServiceName } from '../contracts/catalogue.ts';
import { rulesOf } from '../../execution/core/budget/lanes.ts';
import { createSharedBudget } from '../../execution/store/budget/take-tokens.ts';
import { createSharedEpoch } from '../../execution/store/shared-epoch.ts';
import { redisRules } from '../../../operator/api/crds/platform-chart-files.ts';
import { bookStream, INSTRUMENTS, keyPrefixOf, keptSecondsOf, tradesStream, VENUE_BUDGET } from '../contracts/keys.ts';
import { systemClock } from '../runtime/clock.ts';
import { createLogger } from '../runtime/logger.ts';
import { createBlockingClient, createProducerClient, type RedisClient } from './client.ts';
import { createPublisher } from './publisher.ts';
import { createStreamConsumer } from './consumer/stream-consumer.ts';
import { trimBelowSlowestGroup } from './consumer/trim.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const opened: RedisClient[] = [];
let server: PrivateRedis;
let admin: Redis;

beforeAll(async () => {
  server = await startPrivateRedis();
  admin = new Redis({ ...server.options, keyPrefix: keyPrefixOf(server.options.stack) });
  for (const { name, redis } of CATALOGUE) {
    if (redis !== undefined) await admin.call('ACL', 'SETUSER', name, 'on', '>pw', ...redisRules(redis));
  }
  const { redis } = catalogueRow('risk');
  if (redis !== undefined) await admin.call('ACL', 'SETUSER', OLDER_RISK, 'on', '>pw', ...redisRules(redis), '-xclaim');
});
afterAll(async () => {
  for (const client of opened) client.disconnect();
  admin.disconnect();
  await server.stop();
});

async function connect(username: ServiceName | typeof OLDER_RISK, create = createProducerClient): Promise<RedisClient> {
  const client = create({ ...server.options, username, password: 'pw', name: username, log });
  opened.push(client);
  await until(() => client.status === 'ready');
  return client;
}

/** The user of risk on a platform that was installed before entries could be given back. */
const OLDER_RISK = 'older-risk';

const LIMITS = { ordersPerSecond: 5, queries: { tokens: 500, windowMs: 10_000 } };

const FORBIDDEN = [
  ['FLUSHALL', 'ASYNC'],
  ['CONFIG', 'GET', '*'],
  ['ACL', 'LIST'],
  ['KEYS', '*'],
  ['DEL', 'signals'],
] as const;

/** Returns a key that matches the pattern. */
function keyOf(pattern: string): string {
  return pattern.replace('*', 'x');
}

describe('ACL rules of the catalogue on a real server', () => {
  it.each(CATALOGUE.filter(({ redis }) => redis !== undefined).map(({ name }) => name))(
    'allow %s the keys of its row and nothing else',
    async (name) => {
      const { read, write } = catalogueRow(name).redis!;
      const publisher = createPublisher(await connect(name));
      for (const pattern of write) expect(await publisher.publish(keyOf(pattern), {})).toMatchObject({ kind: 'ok' });
      for (const key of write.map(keyOf)) expect(await admin.ttl(key)).toBeGreaterThan(keptSecondsOf(key) - 60);
      expect(await publisher.publish('foreign', {})).toMatchObject({ kind: 'refused', reason: 'Denied' });
      const client = await connect(name);
      for (const pattern of read) expect(await client.xrevrange(keyOf(pattern), '+', '-', 'COUNT', 1)).toBeDefined();
      for (const [command, ...args] of FORBIDDEN) {
        await expect(client.call(command, ...args)).rejects.toThrow('NOPERM');
      }
    },
  );

  it.each([
    ['db-writer', 'signals'],
    ['db-writer', 'md.trades.A-B'],
    ['risk', 'signals'],
    ['execution', 'orders.approved'],
  ] as const)('allow %s to consume %s as a group, to bury malformed entries and to trim', async (name, stream) => {
    const seen: unknown[] = [];
    const deadLettersBefore = await admin.xlen(`dead.${stream}`);
    const commands = await connect(name);
    const consumer = createStreamConsumer({
      commands,
      blocking: await connect(name, createBlockingClient),
      streams: [stream],
      group: name,
      consumer: 'one',
      parse: (json) => json,
      handle: async (entries) => {
        seen.push(...entries.map(({ payload }) => payload));
        return entries.map(() => ({ kind: 'ack' }));
      },
      clock: systemClock,
      log,
      metrics: new Registry(),
      blockMs: 50,
      sole: true,
    });
    const abort = new AbortController();
    const ended = consumer.run(abort.signal);
    await admin.xadd(stream, '*', 'data', '{"wanted":1}');
    await admin.xadd(stream, '*', 'data', '{malformed');
    await until(async () => (await admin.xlen(`dead.${stream}`)) > deadLettersBefore && seen.length > 0);
    await until(() => consumer.check().ok);
    expect(seen).toContainEqual({ wanted: 1 });
    expect(await trimBelowSlowestGroup(commands, stream, [name])).toBeGreaterThanOrEqual(0);
    abort.abort();
    await ended;
  });

  it.each([
    ['gives back an entry, so that another member takes it up', 'risk', 'two', 0],
    ['keeps an entry that it may not give back, and goes on', OLDER_RISK, 'one', 2],
  ] as const)('a member %s', async (_what, name, taker, kept) => {
    const stream = 'signals';
    const group = `group-${name}`;
    const id = await admin.xadd(stream, '*', 'data', '{"buy":1}');
    const taken: string[] = [];
    const abort = new AbortController();
    const start = async (consumer: string, isGiving: () => boolean): Promise<void> => {
      const member = createStreamConsumer({
        commands: await connect(name),
        blocking: await connect(name, createBlockingClient),
        streams: [stream],
        group,
        consumer,
        parse: (json) => json,
        handle: async (entries) =>
          await Promise.resolve(
            entries.map((entry) => {
              if (entry.id === id && !isGiving()) taken.push(consumer);
              return entry.id === id && isGiving() ? { kind: 'yield', reason: 'not active' } : { kind: 'ack' };
            }),
          ),
        clock: systemClock,
        log,
        metrics: new Registry(),
        blockMs: 50,
        minIdleMs: 200,
      });
      void member.run(abort.signal);
    };
    let gives = true;
    const deliveries = async (): Promise<number> => {
      const rows = (await admin.xpending(stream, group, '-', '+', 1)) as [string, string, number, number][];
      return rows[0]?.[3] ?? -1;
    };
    await start('one', () => gives);
    await until(async () => (kept === 0 ? (await deliveries()) === kept : (await deliveries()) >= kept));
    if (taker === 'two') await start('two', () => false);
    else gives = false;
    await until(() => taken.length > 0);
    expect(taken).toEqual([taker]);
    abort.abort();
  });

  it('deny every key without the prefix of a stack', async () => {
    const bare = new Redis({ ...server.options, username: 'risk', password: 'pw' });
    opened.push(bare);
    await expect(bare.xadd('signals', '*', 'data', '{}')).rejects.toThrow('NOPERM');
    await expect(bare.xrange('signals', '-', '+')).rejects.toThrow('NOPERM');
  });

  it('allow execution to share the request budget by its script, and others neither the script nor the key', async () => {
    const budget = createSharedBudget(await connect('execution'));
    const request = { ...rulesOf('cancel', LIMITS), tokens: 1, limitedForMs: 0, bannedForMs: 0 };
    expect(await budget.take(request)).toMatchObject({ granted: true });
    for (const name of ['risk', 'ws'] as const) {
      await expect(createSharedBudget(await connect(name)).take(request)).rejects.toThrow('NOPERM');
    }
    const client = await connect('execution');
    await expect(client.eval(`return redis.call('DEL', KEYS[1])`, 1, VENUE_BUDGET)).rejects.toThrow(
      "can't run this command",
    );
    await expect(client.get('signals')).rejects.toThrow('NOPERM');
  });

  it('allow execution to announce its epoch, and others neither to read nor to replace it', async () => {
    const epoch = createSharedEpoch(await connect('execution'));
    await epoch.write(4);
    expect(await epoch.read()).toBe(4);
    for (const name of ['risk', 'ws'] as const) {
      const other = createSharedEpoch(await connect(name));
      await expect(other.read()).rejects.toThrow('NOPERM');
      await expect(other.write(5)).rejects.toThrow('NOPERM');
    }
  });

  it('allow ws to write the instruments, and others to read them', async () => {
    const ws = await connect('ws');
    await ws.hset(INSTRUMENTS, 'A/B', '{}');
    for (const name of ['signal', 'risk', 'execution'] as const) {
      expect(await (await connect(name)).hgetall(INSTRUMENTS)).toEqual({ 'A/B': '{}' });
    }
  });

  it('allow ws to read the trades that it published, and nothing else', async () => {
    const ws = await connect('ws');
    await ws.xadd(tradesStream('A/B'), '*', 'data', '{}');
    expect((await ws.xrevrange(tradesStream('A/B'), '+', '-', 'COUNT', 1)).length).toBe(1);
    await expect(ws.xrevrange(bookStream('A/B'), '+', '-')).rejects.toThrow('NOPERM');
    await expect(ws.xrevrange('signals', '+', '-')).rejects.toThrow('NOPERM');
  });
});
