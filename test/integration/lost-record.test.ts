import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ApprovedOrder } from '../../services/execution/core/order-record.ts';
import { parseDecimal } from '../../services/shared/domain/decimal.ts';
import { INSTRUMENTS, ORDERS_APPROVED } from '../../services/shared/contracts/keys.ts';
import { approvedOrder, insertApproval, TEST_STACK } from '../fixtures/approved-orders.ts';
import { takingPrice } from '../harness/execution/taking-price.ts';
import { startExecution, type ExecutionRun } from '../harness/running-execution.ts';
import { simulatorSettings, startSimulator, type RunningSimulator } from '../harness/running-simulator.ts';
import { createTestDatabase, type TestDatabase } from '../harness/stores/test-database.ts';
import { createTestRedis, type TestRedis } from '../harness/stores/test-redis.ts';
import { until } from '../harness/until.ts';
import { orderPathFaults, venueLog } from '../judges/order-path-evidence.ts';

let database: TestDatabase;
let redis: TestRedis;
let simulator: RunningSimulator;
let runs: ExecutionRun[];

beforeEach(async () => {
  database = await createTestDatabase({ migrate: true });
  redis = await createTestRedis();
  const settings = simulatorSettings();
  simulator = await startSimulator({ ...settings, tape: { ...settings.tape, speed: 1 } });
  runs = [];
  const [instrument] = settings.instruments;
  await redis.redis.hset(INSTRUMENTS, 'XRP/ETH', JSON.stringify(instrument));
});

afterEach(async () => {
  for (const run of runs) await run.kill();
  await simulator.close();
  await redis.close();
  await database.close();
});

async function active(epoch: number): Promise<ExecutionRun> {
  const incarnation = `run-${epoch}`;
  const run = startExecution({
    postgres: database.as('execution'),
    redis: redis.options,
    venue: simulator,
    incarnation,
  });
  runs.push(run);
  await until(() => run.sender().role === 'armed');
  await run.activate(epoch);
  await until(() => run.sender().role === 'active');
  return run;
}

/** Approves an order that takes the best ask, and announces it. */
async function approveOrder(): Promise<ApprovedOrder> {
  const price = await takingPrice(simulator.restUrl);
  const nowMs = Date.now();
  const order = approvedOrder('trend:XRP/ETH:lost', { price, decidedAt: nowMs, deadline: nowMs + 30_000 });
  await insertApproval(database.pool, order);
  await redis.redis.xadd(ORDERS_APPROVED, '*', 'data', JSON.stringify({ ...order, price: '1', quantity: '1' }));
  return order;
}

async function stateOf(order: ApprovedOrder): Promise<string | undefined> {
  const { rows } = await database.pool.query<{ state: string }>(
    'SELECT state FROM trading.orders WHERE stack = $1 AND client_order_id = $2',
    [TEST_STACK, order.clientOrderId],
  );
  return rows[0]?.state;
}

/** Everything that followed from an approval: what a failover to a replica that lagged loses. */
const LOSE_ROWS = `
DELETE FROM trading.trades;
DELETE FROM trading.positions;
DELETE FROM trading.order_events;
DELETE FROM trading.orders;
DELETE FROM trading.ledger_postings WHERE event_id LIKE 'fill:%';
UPDATE trading.balances b SET ledger = (
  SELECT coalesce(sum(p.amount), 0) FROM trading.ledger_postings p
  WHERE p.stack = b.stack AND p.asset = b.asset AND p.account = 'venue');`;

async function placed(order: ApprovedOrder): Promise<number> {
  const log = await venueLog(simulator.restUrl);
  return log.filter(({ kind, clientOrderId }) => kind === 'placed' && clientOrderId === order.clientOrderId).length;
}

describe('Postgres loses its last second: an order is filled, its rows are gone, its approval is still there', () => {
  it.each([
    ['the same process', async () => await Promise.resolve()],
    [
      'the next process',
      async () => {
        await runs[0]?.kill();
        await active(2);
      },
    ],
  ])('%s sends no second order, and adopts the first with its fills', async (_title, change) => {
    await active(1);
    const order = await approveOrder();
    await until(async () => (await stateOf(order)) === 'Filled');
    await database.pool.query(LOSE_ROWS);
    await change();
    await until(async () => (await stateOf(order)) === 'Filled', 15_000);
    expect(await placed(order)).toBe(1);
    const { rows } = await database.pool.query<{ quantity: string }>(
      'SELECT sum(quantity) AS quantity FROM trading.trades WHERE client_order_id = $1',
      [order.clientOrderId],
    );
    expect(parseDecimal(rows[0]?.quantity ?? '0')).toBe(order.quantity);
    // The row of an adopted order is younger than the order. Nothing else is wrong.
    await until(async () => (await faults()).every((fault) => fault.startsWith('I4')));
  });
});

async function faults(): Promise<readonly string[]> {
  return await orderPathFaults(simulator.restUrl, database.pool);
}
