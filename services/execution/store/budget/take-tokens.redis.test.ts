import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestRedis, type TestRedis } from '../../../../test/harness/stores/test-redis.ts';
import { until } from '../../../../test/harness/until.ts';
import { VENUE_BUDGET } from '../../../shared/contracts/keys.ts';
import { createProducerClient, type RedisClient } from '../../../shared/redis/client.ts';
import { systemClock } from '../../../shared/runtime/clock.ts';
import { createLogger } from '../../../shared/runtime/logger.ts';
import { rulesOf } from '../../core/budget/lanes.ts';
import { budgetContract } from '../budget-contract.ts';
import { createSharedBudget } from './take-tokens.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const LIMITS = { ordersPerSecond: 5, queries: { tokens: 500, windowMs: 10_000 } };
const CANCEL = { ...rulesOf('cancel', LIMITS), tokens: 1, limitedForMs: 0, bannedForMs: 0 };
let server: TestRedis;
let clients: readonly [RedisClient, RedisClient];

beforeAll(async () => {
  server = await createTestRedis();
  const connect = () => createProducerClient({ ...server.options, name: 'execution', log });
  clients = [connect(), connect()];
  await until(() => clients.every(({ status }) => status === 'ready'));
});

afterAll(async () => {
  for (const client of clients) client.disconnect();
  await server.close();
});

budgetContract('Redis', async () => {
  await server.redis.del(VENUE_BUDGET);
  const [one, other] = clients.map(createSharedBudget) as [ReturnType<typeof createSharedBudget>, never];
  return { one, other, pass: async (ms) => await systemClock.sleep(ms) };
});

it('keeps the budget for a bounded time, and bounded in size', async () => {
  const budget = createSharedBudget(clients[0]);
  const query = { ...rulesOf('query', LIMITS), tokens: 1, limitedForMs: 0, bannedForMs: 0 };
  for (let index = 0; index < 300; index += 1) await budget.take(query);
  expect(await server.redis.ttl(VENUE_BUDGET)).toBeGreaterThan(7 * 86_400 - 60);
  expect(await server.redis.strlen(VENUE_BUDGET)).toBeLessThan(2_000);
});

it('starts full after Redis came back empty, also without the script', async () => {
  const budget = createSharedBudget(clients[0]);
  for (let index = 0; index < 5; index += 1) await budget.take(CANCEL);
  await server.redis.del(VENUE_BUDGET);
  await server.redis.script('FLUSH');
  expect((await budget.take(CANCEL)).granted).toBe(true);
});

it('begins no pause again after its clock was set back', async () => {
  const budget = createSharedBudget(clients[0]);
  const { atMs } = await budget.take(CANCEL);
  const [asked, ended, running] = [atMs + 600_000, atMs + 597_000, atMs + 603_000];
  const paused = { orders: [], queries: [], limited: running, banned: ended, asked };
  await server.redis.set(VENUE_BUDGET, JSON.stringify(paused));
  const answer = await budget.take(CANCEL);
  expect(answer).toMatchObject({ granted: true, bannedForMs: 0 });
  expect(answer.limitedForMs).toBeGreaterThan(2_000);
  expect(answer.limitedForMs).toBeLessThanOrEqual(3_000);
});

it('rejects while Redis is unavailable', async () => {
  const client = createProducerClient({ ...server.options, port: 1, name: 'execution', log });
  await expect(createSharedBudget(client).take(CANCEL)).rejects.toThrow(/writeable|Connection|ECONN/);
  client.disconnect();
});
