import { Registry } from 'prom-client';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { approvedOrder } from '../../../test/fixtures/approved-orders.ts';
import { createTestRedis, type TestRedis } from '../../../test/harness/stores/test-redis.ts';
import { until } from '../../../test/harness/until.ts';
import { ORDERS_APPROVED } from '../../shared/contracts/keys.ts';
import { formatDecimal } from '../../shared/domain/decimal.ts';
import { createBlockingClient, createProducerClient } from '../../shared/redis/client.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { consumeApprovals } from './consume-approvals.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const endings: (() => Promise<void>)[] = [];
let redis: TestRedis;

beforeAll(async () => {
  redis = await createTestRedis();
});
afterEach(async () => {
  for (const end of endings.splice(0)) await end();
  await redis.redis.flushdb();
});
afterAll(async () => await redis.close());

/** Starts one process of execution. The approvals that it handles are recorded in `taken` with its pod's name. */
function startMember(consumer: string, isActive: () => boolean, taken: string[], takes = isActive): void {
  const options = { ...redis.options, name: 'execution', log };
  const commands = createProducerClient(options);
  const clients = { commands, blocking: createBlockingClient(options) };
  const approvals = consumeApprovals(
    { ...clients, consumer, clock: systemClock, log, metrics: new Registry() },
    {
      isActive,
      onApproval: async (decisionId) => {
        if (takes()) taken.push(`${consumer} ${decisionId}`);
        return await Promise.resolve(takes());
      },
    },
  );
  const abort = new AbortController();
  const ended = approvals.run(abort.signal);
  endings.push(async () => {
    abort.abort();
    await approvals.stop?.();
    await ended;
    commands.disconnect();
  });
}

async function publish(decisionId: string): Promise<void> {
  const order = approvedOrder(decisionId);
  const payload = { ...order, price: formatDecimal(order.price), quantity: formatDecimal(order.quantity) };
  await redis.redis.xadd(ORDERS_APPROVED, '*', 'data', JSON.stringify(payload));
}

async function pending(): Promise<number> {
  const [count] = (await redis.redis.xpending(ORDERS_APPROVED, 'execution')) as [number];
  return count;
}

it('passes every approval to the active process, and none to an armed one', async () => {
  const taken: string[] = [];
  startMember('armed', () => false, taken);
  startMember('active', () => true, taken);
  const ids = Array.from({ length: 20 }, (_, index) => `d${index}`);
  for (const id of ids) await publish(id);
  await until(() => taken.length === ids.length);
  expect(taken).toEqual(ids.map((id) => `active ${id}`));
  await until(async () => (await pending()) === 0);
});

it('leaves an approval pending when the process loses the fence, and passes it to the next sender', async () => {
  const taken: string[] = [];
  let role = 'active';
  startMember('before', () => role === 'active', taken);
  await publish('d1');
  await until(() => taken.length === 1);
  role = 'fenced';
  await publish('d2');
  let next = false;
  startMember('after', () => next, taken);
  next = true;
  await until(() => taken.length === 2);
  expect(taken).toEqual(['before d1', 'after d2']);
});

it('keeps an approval pending when it reaches a process that has just stopped being the sender', async () => {
  const taken: string[] = [];
  startMember(
    'fenced',
    () => true,
    taken,
    () => false,
  );
  await publish('d1');
  await until(async () => (await pending().catch(() => 0)) === 1);
  await systemClock.sleep(100);
  expect([await pending(), taken]).toEqual([1, []]);
  // The next sender does not wait until the entry is idle: the group has no other member.
  startMember('next', () => true, taken);
  await until(() => taken.length === 1);
  expect(taken).toEqual(['next d1']);
});

it('takes over what others left when the process is the sender again', async () => {
  const taken: string[] = [];
  let sender = 'first';
  startMember('first', () => sender === 'first', taken);
  await publish('d1');
  await until(() => taken.length === 1);
  sender = 'second';
  let takes = true;
  startMember(
    'second',
    () => sender === 'second',
    taken,
    () => takes,
  );
  await publish('d2');
  await until(() => taken.length === 2);
  takes = false;
  await publish('d3');
  await until(async () => (await pending()) === 1);
  sender = 'first';
  await until(() => taken.length === 3);
  expect(taken).toEqual(['first d1', 'second d2', 'first d3']);
});
