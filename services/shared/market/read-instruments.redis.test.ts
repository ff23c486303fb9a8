import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestRedis, type TestRedis } from '../../../test/harness/stores/test-redis.ts';
import { until } from '../../../test/harness/until.ts';
import { INSTRUMENTS } from '../contracts/keys.ts';
import { closeClient, createProducerClient, type RedisClient } from '../redis/client.ts';
import { createLogger } from '../runtime/logger.ts';
import { readInstruments } from './read-instruments.ts';

let server: TestRedis;
let client: RedisClient;

beforeAll(async () => {
  server = await createTestRedis();
  client = createProducerClient({ ...server.options, name: 'test', log: createLogger({ name: 'test', level: 'silent' }) }); // prettier-ignore
  await until(() => client.status === 'ready');
});
afterAll(async () => {
  await closeClient(client);
  await server.close();
});

test('reads the rules of every pair but the malformed ones', async () => {
  const steps = { tickSize: '0.01', lotSize: '1', minQuantity: '1', minNotional: '0', maxNotional: '10' };
  const rules = { symbol: 'XRP/ETH', base: 'XRP', quote: 'ETH', ...steps, makerFee: '0', takerFee: '0' };
  await client.hset(INSTRUMENTS, {
    'XRP/ETH': JSON.stringify(rules),
    'ADA/ETH': JSON.stringify({ ...rules, symbol: 'ADA/ETH', tickSize: '0' }),
    'BTC/ETH': 'no json',
    'EOS/ETH': JSON.stringify(rules),
  });
  const read = await readInstruments(client);
  expect([...read.keys()]).toEqual(['XRP/ETH']);
  expect(read.get('XRP/ETH')?.lotSize).toBe(10n ** 18n);
});
