import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { startFaultProxy, type FaultProxy } from '../../../test/faults/fault-proxy.ts';
import { createTestRedis, type TestRedis } from '../../../test/harness/stores/test-redis.ts';
import { until } from '../../../test/harness/until.ts';
import { virtualClock, type VirtualClock } from '../../../test/harness/virtual-clock.ts';
import { SIGNALS, tradesStream } from '../contracts/keys.ts';
import { createLogger } from '../runtime/logger.ts';
import { closeClient, createProducerClient, type RedisClient } from './client.ts';
import { createPublisher, type Publisher } from './publisher.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const TRADES = tradesStream('XRP/ETH');
let test: TestRedis;
let proxy: FaultProxy;
let client: RedisClient;
let clock: VirtualClock;
let publisher: Publisher;

beforeAll(async () => {
  test = await createTestRedis();
  proxy = await startFaultProxy(test.options);
  client = createProducerClient({ ...test.options, host: '127.0.0.1', port: proxy.port, name: 'test', log });
  await until(() => client.status === 'ready');
});
beforeEach(async () => {
  await test.redis.del(SIGNALS, TRADES);
  clock = virtualClock();
  publisher = createPublisher(client, clock);
});
afterAll(async () => {
  await closeClient(client);
  await proxy.close();
  await test.close();
});

/** Publishes to both streams, and returns the hours until each expires. */
async function hoursAfterWrite(): Promise<readonly number[]> {
  await publisher.publishAll([SIGNALS, TRADES].map((stream) => ({ stream, payload: {} })));
  return await hours();
}

async function hours(): Promise<readonly number[]> {
  const seconds = await Promise.all([SIGNALS, TRADES].map(async (key) => await test.redis.ttl(key)));
  return seconds.map((ttl) => Math.round(ttl / 3_600));
}

async function expireSoon(): Promise<void> {
  for (const key of [SIGNALS, TRADES]) await test.redis.expire(key, 100);
}

it('extends the expiry of a stream with its first write, and then once a minute', async () => {
  expect(await hoursAfterWrite()).toEqual([168, 24]);
  await expireSoon();
  await clock.advance(59_999);
  expect(await hoursAfterWrite()).toEqual([0, 0]);
  await clock.advance(1);
  expect(await hoursAfterWrite()).toEqual([168, 24]);
});

it('costs one command for a write within the minute', async () => {
  await hoursAfterWrite();
  const processed = async (): Promise<number> =>
    Number(/cmdstat_expire:calls=(\d+)/.exec(await test.redis.info('commandstats'))?.[1]);
  const before = await processed();
  for (let n = 0; n < 20; n += 1) await publisher.publish(SIGNALS, { n });
  expect(await processed()).toBe(before);
});

it('extends it again after a reconnect, because Redis may have come back empty', async () => {
  await hoursAfterWrite();
  await expireSoon();
  proxy.cut();
  await until(() => client.status !== 'ready');
  proxy.pass();
  await until(() => client.status === 'ready');
  expect(await hoursAfterWrite()).toEqual([168, 24]);
});

it('extends it with the next write when it could not be extended', async () => {
  proxy.loseReplies();
  await publisher.publish(SIGNALS, {});
  proxy.pass();
  await until(() => client.status === 'ready');
  await test.redis.persist(SIGNALS);
  await publisher.publish(SIGNALS, {});
  expect((await hours())[0]).toBe(168);
});

it('does not remember a stream that does not exist after the write', async () => {
  const refused = await publisher.publish(SIGNALS, {}, { id: '0-0' });
  expect(refused.kind).toBe('refused');
  await publisher.publish(SIGNALS, {});
  expect((await hours())[0]).toBe(168);
});
