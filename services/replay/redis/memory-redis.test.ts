import { expect, it } from 'vitest';
import { keyPrefixOf } from '../../shared/contracts/keys.ts';
import { createPublisher } from '../../shared/redis/publisher.ts';
import { SOUND_REDIS, type CommandFate } from '../core/redis-faults.ts';
import { createScheduler, type Scheduler } from '../core/scheduler.ts';
import { MemoryRedis } from './memory-redis.ts';
import { redisContract } from './redis-contract.ts';
import { RedisConnection } from './redis-connection.ts';

const START_MS = Date.UTC(2026, 0, 1);

async function settleOn<T>(scheduler: Scheduler, promise: Promise<T>): Promise<T> {
  const progress = { settled: false };
  const end = (): void => {
    progress.settled = true;
  };
  void promise.then(end, end);
  while (!progress.settled) await scheduler.run(scheduler.nowMs() + 5);
  return await promise;
}

/** A server and a connection whose commands have the given fates, then none. */
function connected(fates: CommandFate[] = []) {
  const scheduler = createScheduler(START_MS);
  const server = new MemoryRedis(scheduler);
  const faults = { ...SOUND_REDIS, fate: () => fates.shift() ?? 'Delivered' };
  const open = () => new RedisConnection({ server, scheduler, faults, keyPrefix: keyPrefixOf('test-1') });
  const settle = async <T>(promise: Promise<T>): Promise<T> => await settleOn(scheduler, promise);
  const publish = async (client: RedisConnection, value: number) =>
    (await settle(createPublisher(client).publish('s', value))).kind;
  const values = async (client: RedisConnection) =>
    (await settle(client.xrange('s', '-', '+'))).map(([, [, value]]) => Number(value));
  return { scheduler, server, open, settle, publish, values };
}

redisContract('the Redis server in memory', async () => {
  const { scheduler, open, settle } = connected();
  return await Promise.resolve({
    commands: open(),
    blocking: open(),
    settle,
    pass: async (ms) => void (await scheduler.run(scheduler.nowMs() + ms)),
    close: async () => await Promise.resolve(),
  });
});

it('a reply that is lost closes the connection after the effect', async () => {
  const { open, publish, values, scheduler } = connected(['ReplyLost']);
  const client = open();
  expect(await publish(client, 1)).toBe('unknown');
  expect(client.status).toBe('reconnecting');
  expect(await publish(client, 2)).toBe('refused');
  await scheduler.run(scheduler.nowMs() + 50);
  expect(client.status).toBe('ready');
  expect(await values(client)).toEqual([1]);
});

it('a command that is lost closes the connection without an effect', async () => {
  const { open, publish, values, scheduler } = connected(['CommandLost']);
  const client = open();
  expect(await publish(client, 1)).toBe('unknown');
  await scheduler.run(scheduler.nowMs() + 50);
  expect(await values(client)).toEqual([]);
});

it('a server restarts with its data, with older ones, and empty', async () => {
  const { open, server, publish, values } = connected();
  const client = open();
  await publish(client, 1);
  const older = server.copy();
  await publish(client, 2);
  server.restart(server.copy());
  expect(await values(client)).toEqual([1, 2]);
  server.restart(older);
  expect(await values(client)).toEqual([1]);
  server.restart();
  expect(await values(client)).toEqual([]);
});

it('a process that is killed gets no reply, and what it sent takes effect', async () => {
  const { open, values, scheduler } = connected();
  const client = open();
  const replies: unknown[] = [];
  void client.xadd('s', '*', 'data', '1').then((reply) => replies.push(reply));
  client.kill();
  await scheduler.run(scheduler.nowMs() + 100);
  expect(replies).toEqual([]);
  expect(await values(open())).toEqual([1]);
});

it('rejects commands that it does not model', () => {
  const { server } = connected();
  expect(() => server.execute('flushall', [], () => {})).toThrow('no command flushall');
});
