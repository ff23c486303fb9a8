import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ApprovedOrder } from '../../services/execution/core/order-record.ts';
import { INSTRUMENTS, keyPrefixOf, ORDERS_APPROVED } from '../../services/shared/contracts/keys.ts';
import { parseDecimal } from '../../services/shared/domain/decimal.ts';
import { approvedOrder, insertApproval, TEST_STACK } from '../fixtures/approved-orders.ts';
import { createExecutionPod, type ExecutionPod, type RunningExecution } from '../harness/execution/execution-pod.ts';
import { takingPrice } from '../harness/execution/taking-price.ts';
import { simulatorSettings, startSimulator, type RunningSimulator } from '../harness/running-simulator.ts';
import { startPrivateRedis, type PrivateRedis } from '../harness/stores/private-redis.ts';
import { createTestDatabase, type TestDatabase } from '../harness/stores/test-database.ts';
import { until } from '../harness/until.ts';
import { FINAL_STATES } from '../judges/unfinished-orders.ts';
import { orderPathFaults, venueLog } from '../judges/order-path-evidence.ts';

const HOUR_MS = 3_600_000;
/** A check must fail, and an order be cancelled, within this time. */
const ALARM_MS = 5_000;
const SHIFTED_CLOCK = pathToFileURL(join(import.meta.dirname, '../faults/shifted-clock.ts')).href;

let database: TestDatabase;
let redis: PrivateRedis;
let stream: Redis;
let simulator: RunningSimulator;
let pod: ExecutionPod;
let execution: RunningExecution;
let directory: string;
let epoch = 0;
let revision = 0;

beforeAll(async () => {
  database = await createTestDatabase({ migrate: true });
  redis = await startPrivateRedis();
  const settings = simulatorSettings();
  simulator = await startSimulator({ ...settings, tape: { ...settings.tape, speed: 1 } });
  stream = new Redis({ ...redis.options, keyPrefix: keyPrefixOf(TEST_STACK) });
  // As ws does.
  await stream.hset(INSTRUMENTS, 'XRP/ETH', JSON.stringify(simulatorSettings().instruments[0]));
  directory = mkdtempSync(join(tmpdir(), 'tradingstack-clock-'));
  setClock(0);
  pod = createExecutionPod({
    postgres: database.as('execution'),
    redis: redis.options,
    venue: simulator,
    env: { NODE_OPTIONS: `--import ${SHIFTED_CLOCK}`, CLOCK_OFFSET_FILE: join(directory, 'offset') },
  });
  // As the operator sets them.
  pod.configure({ recvWindowMs: 2_000, skewBoundMs: 500 });
});

afterAll(async () => {
  await execution.process.stop('SIGKILL');
  await simulator.close();
  stream.disconnect();
  await redis.stop();
  await database.close();
  pod.remove();
  rmSync(directory, { recursive: true });
});

// After a failure too: the next test begins with a right clock.
afterEach(async () => {
  setClock(0);
  await setState('Active');
});

/** Sets the clock of the process so many milliseconds ahead of those of the venue, of Postgres and of this test. */
function setClock(aheadMs: number): void {
  writeFileSync(join(directory, 'offset'), String(aheadMs));
}

async function start(): Promise<void> {
  execution = await pod.start();
  await untilRole('armed');
  epoch += 1;
  expect(await execution.activate(epoch)).toBe(200);
}

async function untilRole(role: string): Promise<void> {
  await until(async () => (await execution.statusz()).sender?.role === role, { what: role, withinMs: 20_000 });
}

async function clockCheck() {
  return (await execution.statusz()).checks.find(({ name }) => name === 'clock');
}

async function approve(id: string, change: Partial<ApprovedOrder> = {}): Promise<ApprovedOrder> {
  const price = await takingPrice(simulator.restUrl);
  const nowMs = Date.now();
  const order = approvedOrder(id, { price, decidedAt: nowMs, deadline: nowMs + 30_000, ...change });
  await insertApproval(database.pool, order);
  return order;
}

/** Approves an order that no offer meets, which rests until it is cancelled, and waits for it to rest. */
async function rest(id: string): Promise<ApprovedOrder> {
  const terms = { type: 'LIMIT', price: parseDecimal('0.0006'), deadline: Date.now() + 9 * HOUR_MS } as const;
  const order = await approve(id, terms);
  await until(async () => (await stateOf(order)) === 'Open');
  return order;
}

async function stateOf({ clientOrderId }: ApprovedOrder): Promise<string | undefined> {
  const sql = 'SELECT state FROM trading.orders WHERE client_order_id = $1';
  return (await database.pool.query<{ state: string }>(sql, [clientOrderId])).rows[0]?.state;
}

/** Announces the approval as risk does. Resolves when execution has taken note of it. */
async function announce(order: ApprovedOrder): Promise<void> {
  const payload = { ...order, price: '1', quantity: '1' };
  const id = await stream.xadd(ORDERS_APPROVED, '*', 'data', JSON.stringify(payload));
  await until(async () => {
    const [group] = (await stream.xinfo('GROUPS', ORDERS_APPROVED)) as unknown[][];
    const fields = new Map(
      group?.flatMap((name, at) => (at % 2 === 0 ? [[name, group[at + 1]]] : [])) as [string, unknown][],
    );
    return fields.get('last-delivered-id') === id && fields.get('pending') === 0;
  });
}

async function setState(state: 'Halted' | 'Active'): Promise<void> {
  revision += 1;
  const request = { source: 'test', state, author: 'ada', reason: 'a wrong clock', revision };
  expect((await execution.control('halt', request)).status).toBe(200);
}

/** What the venue has recorded of an order. */
async function atVenue({ clientOrderId }: ApprovedOrder): Promise<readonly string[]> {
  const log = await venueLog(simulator.restUrl);
  return log.filter((entry) => entry.clientOrderId === clientOrderId).map(({ kind }) => kind);
}

async function untilCancelled(order: ApprovedOrder): Promise<void> {
  await until(async () => (await atVenue(order)).includes('cancelled'), ALARM_MS);
}

/** It waits, or its end is recorded as one that was never sent. */
async function expectUnsent(order: ApprovedOrder): Promise<void> {
  expect([undefined, 'NeverSent']).toContain(await stateOf(order));
  expect(await atVenue(order)).toEqual([]);
}

async function expectTrading(id: string): Promise<void> {
  const order = await approve(id);
  await until(async () => FINAL_STATES.has((await stateOf(order)) ?? ''), 20_000);
  expect(await stateOf(order)).toBe('Filled');
}

/** What was approved before may be sent now, too: it is waited for. */
async function expectSoundRecord(): Promise<void> {
  const faults = async () => await orderPathFaults(simulator.restUrl, database.pool);
  await expect.poll(faults, { timeout: 20_000 }).toEqual([]);
}

describe('a sender whose clock is set while it trades', () => {
  beforeAll(async () => {
    await start();
    await untilRole('active');
  });

  it.each([10_000, -10_000, HOUR_MS, -HOUR_MS])(
    '%d ms ahead sends no order, cancels what rests, fails its check, and trades again once the clock is right',
    async (aheadMs) => {
      const resting = await rest(`resting ${aheadMs}`);
      setClock(aheadMs);
      const check = await until(async () => {
        const found = await clockCheck();
        return found?.ok === false ? found : undefined;
      }, ALARM_MS);
      expect(check).toMatchObject({ reason: 'ClockSkewed' });
      expect((await execution.statusz()).sender).toMatchObject({ maySend: false, obstacle: { reason: 'ClockSkewed' } });
      const approved = await approve(`approved ${aheadMs}`);
      await announce(approved);
      await setState('Halted');
      await untilCancelled(resting);
      await expectUnsent(approved);

      setClock(0);
      await until(async () => (await clockCheck())?.ok, ALARM_MS);
      await until(async () => (await stateOf(resting)) === 'Cancelled');
      await setState('Active');
      await expectTrading(`next ${aheadMs}`);
      await expectSoundRecord();
    },
  );
});

describe('a sender that starts with a wrong clock', () => {
  it.each([HOUR_MS, -10_000])(
    '%d ms ahead cancels what rests, is not activated, and trades once the clock is right',
    async (aheadMs) => {
      const resting = await rest(`left ${aheadMs}`);
      await execution.process.stop('SIGKILL');
      setClock(aheadMs);
      await start();
      await until(async () => (await clockCheck())?.ok === false, ALARM_MS);
      await setState('Halted');
      await untilCancelled(resting);
      expect((await execution.statusz()).sender?.role).toBe('activating');

      setClock(0);
      await setState('Active');
      await untilRole('active');
      await expectTrading(`after ${aheadMs}`);
      await expectSoundRecord();
    },
  );
});
