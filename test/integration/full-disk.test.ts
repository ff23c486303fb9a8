import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { ApprovedOrder } from '../../services/execution/core/order-record.ts';
import { tradingStatus } from '../../services/shared/contracts/control.ts';
import { INSTRUMENTS, keyPrefixOf } from '../../services/shared/contracts/keys.ts';
import { parseDecimal } from '../../services/shared/domain/decimal.ts';
import { isConnectionError } from '../../services/shared/postgres/errors.ts';
import { approvedOrder, insertApproval, TEST_STACK } from '../fixtures/approved-orders.ts';
import { createExecutionPod, type ExecutionPod, type RunningExecution } from '../harness/execution/execution-pod.ts';
import { takingPrice } from '../harness/execution/taking-price.ts';
import { simulatorSettings, startSimulator, type RunningSimulator } from '../harness/running-simulator.ts';
import { startPrivatePostgres, type PrivatePostgres } from '../harness/stores/private-postgres.ts';
import { startPrivateRedis, type PrivateRedis } from '../harness/stores/private-redis.ts';
import { mountSmallDisk, type SmallDisk } from '../faults/small-disk.ts';
import { createDatabaseAt, type TestDatabase } from '../harness/stores/test-database.ts';
import { until } from '../harness/until.ts';
import { orderPathFaults, venueLog } from '../judges/order-path-evidence.ts';

/** Room for a new cluster, the schema, and three files of its log. */
const DISK_MB = 128;
/** Trading goes on by itself within this time after there is space again. */
const RESUME_MS = 30_000;
const CANCEL_MS = 5_000;
/** More rows than fit into the pages that Postgres has taken before the disk is full. */
const ORDERS = 60;
const NO_SPACE = 'No space left on device';

let disk: SmallDisk;
let server: PrivatePostgres;
let database: TestDatabase;
let redis: PrivateRedis;
let simulator: RunningSimulator;
let pod: ExecutionPod;
let execution: RunningExecution;
let revision = 0;
const lines: string[] = [];

/** In reverse, also when a part did not start: a disk that stays mounted outlives the run. */
const cleanups: (() => unknown)[] = [];

beforeAll(async () => {
  disk = mountSmallDisk(DISK_MB);
  cleanups.push(() => disk.unmount());
  server = await startPrivatePostgres({}, disk.path);
  cleanups.push(async () => await server.stop());
  database = await createDatabaseAt(server.options, { migrate: true });
  database.pool.on('error', () => {});
  cleanups.push(async () => await database.pool.end());
  redis = await startPrivateRedis();
  cleanups.push(async () => await redis.stop());
  const settings = simulatorSettings();
  simulator = await startSimulator({ ...settings, tape: { ...settings.tape, speed: 1 } });
  cleanups.push(async () => await simulator.close());
  const stream = new Redis({ ...redis.options, keyPrefix: keyPrefixOf(TEST_STACK) });
  // As ws does.
  await stream.hset(INSTRUMENTS, 'XRP/ETH', JSON.stringify(simulatorSettings().instruments[0]));
  stream.disconnect();
  pod = createExecutionPod({
    postgres: database.as('execution'),
    redis: redis.options,
    venue: simulator,
    onText: (line) => void lines.push(line),
  });
  cleanups.push(() => pod.remove());
  // As the operator sets them, except for the rate.
  pod.configure({ recvWindowMs: 2_000, skewBoundMs: 500, ordersPerSecond: 100 });
  execution = await pod.start();
  cleanups.push(async () => await execution.process.stop('SIGKILL'));
  await until(async () => (await execution.statusz()).sender?.role === 'armed', 60_000);
  await execution.activate(1);
  await until(async () => (await execution.statusz()).sender?.role === 'active', 60_000);
}, 240_000);

// A failed test leaves space for the next one.
afterEach(() => disk.free());

afterAll(async () => {
  for (const cleanup of cleanups.toReversed()) await cleanup();
});

async function approve(id: string, change: Partial<ApprovedOrder> = {}): Promise<ApprovedOrder> {
  const price = await takingPrice(simulator.restUrl);
  const nowMs = Date.now();
  const order = approvedOrder(id, { price, decidedAt: nowMs, deadline: nowMs + 120_000, ...change });
  await insertApproval(database.pool, order);
  return order;
}

async function stateOf({ clientOrderId }: ApprovedOrder): Promise<string | undefined> {
  const sql = 'SELECT state FROM trading.orders WHERE client_order_id = $1';
  return (await database.pool.query<{ state: string }>(sql, [clientOrderId])).rows[0]?.state;
}

/** Client order IDs of the orders that the venue has received, or cancelled. */
async function idsOf(kind: 'placed' | 'cancelled'): Promise<readonly string[]> {
  const log = await venueLog(simulator.restUrl);
  return log.filter((entry) => entry.kind === kind).map(({ clientOrderId = '' }) => clientOrderId);
}

async function recorded(): Promise<readonly string[]> {
  const { rows } = await database.pool.query<{ id: string }>('SELECT client_order_id AS id FROM trading.orders');
  return rows.map(({ id }) => id);
}

/** Goes on to the next file of the log until Postgres cannot make one, and ends. */
async function untilEnded(): Promise<void> {
  const next = 'SELECT pg_switch_wal(), pg_current_xact_id()';
  await until(async () => {
    const outcome = await database.pool.query(next).catch((error: unknown) => error);
    return isConnectionError(outcome);
  }, 20_000);
}

async function request(state: 'Halted' | 'Active') {
  revision += 1;
  const body = { source: 'test', state, author: 'ada', reason: 'the disk is full', revision };
  const response = await execution.control('halt', body);
  expect(response.status).toBe(200);
  return tradingStatus.parse(await response.json());
}

async function untilBooksAreEqual(sinceMs: number): Promise<void> {
  const leftMs = RESUME_MS - (performance.now() - sinceMs);
  await until(async () => (await orderPathFaults(simulator.restUrl, database.pool)).length === 0, leftMs);
}

it('sends no order whose intent cannot be recorded while the disk is full, and the rest once there is space', async () => {
  const numbers = Array.from({ length: ORDERS }, (_, n) => n);
  const orders = await Promise.all(numbers.map(async (n) => await approve(`order ${n}`)));
  await until(async () => (await idsOf('placed')).length > 0, 60_000);
  disk.fill();
  await until(() => lines.some((line) => line.includes(NO_SPACE)), 60_000);
  const sent = await idsOf('placed');
  expect(sent.length).toBeLessThan(ORDERS);
  const rows = await recorded();
  expect(sent.filter((id) => !rows.includes(id))).toEqual([]);

  disk.free();
  const freedMs = performance.now();
  await until(async () => (await recorded()).length === ORDERS, RESUME_MS);
  await untilBooksAreEqual(freedMs);
  expect((await recorded()).toSorted()).toEqual(orders.map(({ clientOrderId }) => clientOrderId).toSorted());
  const all = await idsOf('placed');
  expect(all.length).toBeGreaterThan(sent.length);
  expect(new Set(all).size).toBe(all.length);
}, 240_000);

it('halts while Postgres has ended because its disk is full, and catches up once there is space', async () => {
  const terms = { type: 'LIMIT', price: parseDecimal('0.0006') } as const;
  const resting = await approve('resting', terms);
  await until(async () => (await stateOf(resting)) === 'Open', 60_000);
  disk.fill();
  await untilEnded();
  expect(await request('Halted')).toMatchObject({ state: 'Halted', persisted: false, journaled: true });
  await until(async () => (await idsOf('cancelled')).includes(resting.clientOrderId), CANCEL_MS);

  disk.free();
  const freedMs = performance.now();
  await server.restart();
  await until(async () => (await stateOf(resting)) === 'Cancelled', RESUME_MS);
  const halts = `SELECT state FROM trading.trading_states WHERE source = 'test'`;
  await until(async () => (await database.pool.query<{ state: string }>(halts)).rows[0]?.state === 'Halted', RESUME_MS);
  expect(await request('Active')).toMatchObject({ state: 'Active' });
  const next = await approve('next');
  await until(async () => (await stateOf(next)) === 'Filled', RESUME_MS - (performance.now() - freedMs));
  await untilBooksAreEqual(freedMs);
}, 240_000);
