import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestRedis, type TestRedis } from '../../../test/harness/stores/test-redis.ts';
import { VENUE_SENDER_EPOCH } from '../../shared/contracts/keys.ts';
import { createProducerClient } from '../../shared/redis/client.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { epochContract } from './epoch-contract.ts';
import { createSharedEpoch } from './shared-epoch.ts';

const log = createLogger({ name: 'test', level: 'silent' });
let server: TestRedis;

beforeAll(async () => {
  server = await createTestRedis();
});
afterAll(async () => await server.close());

epochContract('Redis', async () => {
  await server.redis.del(VENUE_SENDER_EPOCH);
  return [createSharedEpoch(server.redis), createSharedEpoch(server.redis)];
});

it('is kept for a bounded time', async () => {
  await createSharedEpoch(server.redis).write(3);
  expect(await server.redis.ttl(VENUE_SENDER_EPOCH)).toBeGreaterThan(7 * 86_400 - 60);
});

it.each(['', 'x', '-1', '1.5', '1e400', '0'])('counts a value that is no epoch as none: %j', async (text) => {
  await server.redis.set(VENUE_SENDER_EPOCH, text);
  expect(await createSharedEpoch(server.redis).read()).toBeUndefined();
});

it('rejects while Redis is unavailable', async () => {
  const client = createProducerClient({ ...server.options, port: 1, name: 'execution', log });
  await expect(createSharedEpoch(client).read()).rejects.toThrow(/writeable|Connection|ECONN/);
  await expect(createSharedEpoch(client).write(1)).rejects.toThrow(/writeable|Connection|ECONN/);
  client.disconnect();
});
