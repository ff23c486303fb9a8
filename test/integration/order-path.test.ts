import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ApprovedOrder } from '../../services/execution/core/order-record.ts';
import { parseDecimal } from '../../services/shared/domain/decimal.ts';
import { INSTRUMENTS, ORDERS_APPROVED } from '../../services/shared/contracts/keys.ts';
import { createMexcClient } from '../../services/shared/venue/mexc/trading-client.ts';
import { systemClock } from '../../services/shared/runtime/clock.ts';
import { createLogger } from '../../services/shared/runtime/logger.ts';
import { approvedOrder, insertApproval, TEST_STACK } from '../fixtures/approved-orders.ts';
import { startFaultProxy, type FaultProxy } from '../faults/fault-proxy.ts';
import { orderPathFaults, venueLog } from '../judges/order-path-evidence.ts';
import { takingPrice } from '../harness/execution/taking-price.ts';
import type { Moment } from '../harness/mortal-run.ts';
import { startExecution, type ExecutionRun, type RunOptions } from '../harness/running-execution.ts';
import { simulatorSettings, startSimulator, type RunningSimulator } from '../harness/running-simulator.ts';
import { createTestDatabase, type TestDatabase } from '../harness/stores/test-database.ts';
import { createTestRedis, type TestRedis } from '../harness/stores/test-redis.ts';
import { until } from '../harness/until.ts';

let database: TestDatabase;
let redis: TestRedis;
let simulator: RunningSimulator;
let proxy: FaultProxy;
let runs: ExecutionRun[];
let made: number;

beforeEach(async () => {
  database = await createTestDatabase({ migrate: true });
  redis = await createTestRedis();
  // Play the tape at its own speed, so that the price of an order is still available when the order arrives.
  const settings = simulatorSettings();
  simulator = await startSimulator({ ...settings, tape: { ...settings.tape, speed: 1 } });
  proxy = await startFaultProxy({ host: '127.0.0.1', port: simulator.port });
  runs = [];
  made = 0;
  await publishInstrument();
});

afterEach(async () => {
  for (const run of runs) await run.kill();
  await proxy.close();
  await simulator.close();
  await redis.close();
  await database.close();
});

/** Writes the instrument as ws does periodically. */
async function publishInstrument(): Promise<void> {
  const [instrument] = simulatorSettings().instruments;
  await redis.redis.hset(INSTRUMENTS, 'XRP/ETH', JSON.stringify(instrument));
}

function start(change: Partial<RunOptions> = {}): ExecutionRun {
  const run = startExecution({
    postgres: database.as('execution'),
    redis: redis.options,
    venue: simulator,
    incarnation: `run-${runs.length + 1}`,
    ...change,
  });
  runs.push(run);
  return run;
}

/** Starts a sender and activates it with `epoch`. */
async function active(epoch: number, change: Partial<RunOptions> = {}): Promise<ExecutionRun> {
  const run = start(change);
  await until(() => run.sender().role === 'armed');
  expect(await run.activate(epoch)).toMatchObject({ accepted: true, epoch });
  await until(() => run.dead || run.sender().role === 'active');
  return run;
}

/** Approves an order that takes the best ask, and notifies execution unless `notify` is false. */
async function approveOrder(change: Partial<ApprovedOrder> = {}, notify = true): Promise<ApprovedOrder> {
  const price = await takingPrice(simulator.restUrl);
  made += 1;
  const now = Date.now();
  const order = approvedOrder(`trend:XRP/ETH:${made}`, { price, decidedAt: now, deadline: now + 10_000, ...change });
  await insertApproval(database.pool, order);
  const payload = { ...order, price: '1', quantity: '1' };
  if (notify) await redis.redis.xadd(ORDERS_APPROVED, '*', 'data', JSON.stringify(payload));
  return order;
}

async function stateOf(order: ApprovedOrder): Promise<string | undefined> {
  const { rows } = await database.pool.query<{ state: string }>(
    'SELECT state FROM trading.orders WHERE stack = $1 AND client_order_id = $2',
    [TEST_STACK, order.clientOrderId],
  );
  return rows[0]?.state;
}

async function endsAs(order: ApprovedOrder, ...states: readonly string[]): Promise<void> {
  await until(async () => {
    const state = await stateOf(order);
    return state !== undefined && states.includes(state);
  });
}

async function booksAreEqual(): Promise<void> {
  await until(async () => (await orderPathFaults(simulator.restUrl, database.pool)).length === 0);
  expect(await orderPathFaults(simulator.restUrl, database.pool)).toEqual([]);
}

async function placed(order: ApprovedOrder): Promise<number> {
  const log = await venueLog(simulator.restUrl);
  return log.filter((entry) => entry.kind === 'placed' && entry.clientOrderId === order.clientOrderId).length;
}

describe('an approved order', () => {
  it('is filled once, and record and venue agree to the last digit', async () => {
    await active(1);
    const buy = await approveOrder();
    await endsAs(buy, 'Filled');
    const sell = await approveOrder({ side: 'sell', price: parseDecimal('0.0005') });
    await endsAs(sell, 'Filled');
    await booksAreEqual();
    expect(await placed(buy)).toBe(1);
    const events = await until(async () => {
      const entries = await redis.redis.xrange('fills', '-', '+');
      return entries.length > 0 ? entries : undefined;
    });
    expect(events[0]?.[0]).toMatch(/^\d+-0$/);
  });

  it('has the terms of the database, whatever the stream says', async () => {
    await active(1);
    const order = await approveOrder();
    await endsAs(order, 'Filled');
    const { rows } = await database.pool.query<{ price: string }>('SELECT price FROM trading.orders');
    expect(parseDecimal(rows[0]?.price ?? '0')).toBe(order.price);
  });

  it('is found in the database after Redis lost it', async () => {
    const run = await active(1);
    await redis.redis.flushdb();
    await publishInstrument();
    const order = await approveOrder({}, false);
    await endsAs(order, 'Filled');
    expect(await placed(order)).toBe(1);
    expect(run.sender().role).toBe('active');
    await booksAreEqual();
  });

  it('ends without being sent when it waited past its deadline for a sender', async () => {
    const order = await approveOrder({ deadline: Date.now() - 1 });
    await active(1);
    await endsAs(order, 'NeverSent');
    expect(await placed(order)).toBe(0);
  });

  it('is cancelled at its deadline when it rests', async () => {
    await active(1);
    const order = await approveOrder({ type: 'LIMIT', price: parseDecimal('0.0006'), deadline: Date.now() + 2_000 });
    await endsAs(order, 'Open');
    await endsAs(order, 'Cancelled');
    await booksAreEqual();
    expect(await placed(order)).toBe(1);
  });

  it('is cancelled by a halt when it rests, and no new order is sent', async () => {
    const run = await active(1);
    const resting = await approveOrder({ type: 'LIMIT', price: parseDecimal('0.0006') });
    await endsAs(resting, 'Open');
    await database.pool.query(
      `INSERT INTO trading.halts (stack, source, active, reason) VALUES ($1, 'console', true, 'test')`,
      [TEST_STACK],
    );
    await endsAs(resting, 'Cancelled');
    const refused = await approveOrder();
    await endsAs(refused, 'NeverSent');
    expect(run.sender()).toMatchObject({ maySend: false, obstacle: { reason: 'Halted' } });
    expect(await placed(refused)).toBe(0);
  });
});

describe('a sender that is killed', () => {
  it.each<[Moment, number]>([
    ['intent committed', 0],
    ['order placed', 1],
    ['fill recorded', 1],
  ])('at "%s" leaves an order that its successor completes', async (moment, orders) => {
    const first = await active(1, { dieAt: moment });
    const order = await approveOrder();
    await until(() => first.dead);
    const second = await active(2);
    await endsAs(order, 'Filled', 'Cancelled', 'NeverSent');
    expect(await placed(order)).toBe(orders);
    expect(await stateOf(order)).toBe(orders === 0 ? 'NeverSent' : 'Filled');
    const next = await approveOrder();
    await endsAs(next, 'Filled');
    await booksAreEqual();
    expect(second.figures()['unknownOrders']).toBe(0);
  });

  it('right after it raised the fence is replaced by the next epoch', async () => {
    const first = start({ dieAt: 'fence raised' });
    await until(() => first.sender().role === 'armed');
    void first.activate(1);
    await until(() => first.dead);
    const second = start();
    await until(() => second.sender().role === 'armed');
    expect(await second.activate(1)).toMatchObject({ accepted: false, epoch: 1 });
    expect(await second.activate(2)).toMatchObject({ accepted: true });
    await until(() => second.sender().role === 'active');
    const order = await approveOrder();
    await endsAs(order, 'Filled');
    await booksAreEqual();
  });
});

describe('a change of sender', () => {
  it('fences the old one permanently', async () => {
    const old = await active(1);
    const fresh = await active(2);
    await until(() => old.sender().role === 'fenced');
    expect(await old.activate(3)).toMatchObject({ accepted: false });
    const order = await approveOrder();
    await endsAs(order, 'Filled');
    const { rows } = await database.pool.query<{ epoch: string }>('SELECT epoch FROM trading.orders');
    expect(rows).toEqual([{ epoch: '2' }]);
    expect(await fresh.activate(2)).toMatchObject({ accepted: true, reason: 'Held' });
  });

  it('takes less than 5 s when the old one has drained', async () => {
    const old = await active(1, { settings: { recvWindowMs: 2_000, skewBoundMs: 5_000 } });
    const order = await approveOrder();
    await endsAs(order, 'Filled');
    const resting = await approveOrder({ type: 'LIMIT', price: parseDecimal('0.0006') });
    await endsAs(resting, 'Open');
    await old.stop();
    expect(await stateOf(resting)).toBe('Cancelled');
    const { rows } = await database.pool.query<{ holder: string }>('SELECT holder FROM trading.execution_fence');
    expect(rows).toEqual([{ holder: '' }]);
    const waiting = 'SELECT count(*)::int AS waiting FROM trading.outbox WHERE published_at IS NULL';
    expect((await database.pool.query(waiting)).rows).toEqual([{ waiting: 0 }]);
    const fresh = start({ settings: { recvWindowMs: 2_000, skewBoundMs: 5_000 } });
    await until(() => fresh.sender().role === 'armed');
    await fresh.activate(2);
    // Without the drain it would take seven seconds.
    await until(() => fresh.sender().role === 'active', 5_000);
    await booksAreEqual();
  });
});

describe('a venue that does not answer', () => {
  /**
   * Starts a sender behind the proxy, and waits until it reads the stream: the venue is asked first for an approval
   * that is more than a second old.
   */
  async function reading(settings: RunOptions['settings'] = {}): Promise<ExecutionRun> {
    const run = await active(1, { venue: { ...simulator, restUrl: `http://127.0.0.1:${proxy.port}` }, settings });
    await endsAs(await approveOrder(), 'Filled');
    return run;
  }

  it('after it accepted the order makes it unknown until resolved, and the order is never sent twice', async () => {
    const run = await reading();
    proxy.loseReplies();
    const order = await approveOrder();
    await endsAs(order, 'Unknown', 'Filled', 'Cancelled', 'PartiallyFilled');
    proxy.pass();
    await endsAs(order, 'Filled');
    await booksAreEqual();
    expect(await placed(order)).toBe(1);
    expect(run.figures()['unknownOrders']).toBe(0);
  });

  it('whether it has an order that may have been sent before gets no order', async () => {
    await reading();
    proxy.blackhole();
    // Decided before this process was granted the fence: another one may have sent it.
    const order = await approveOrder({ decidedAt: Date.now() - 60_000, deadline: Date.now() + 3_000 }, false);
    await endsAs(order, 'NeverSent');
    proxy.cut();
    proxy.pass();
    expect(await placed(order)).toBe(0);
    await booksAreEqual();
  });

  it('and never received the order lets it end as NeverSent', async () => {
    await reading({ reconcileIntervalMs: 60_000 });
    proxy.blackhole();
    const order = await approveOrder();
    await endsAs(order, 'Unknown');
    proxy.cut();
    proxy.pass();
    await endsAs(order, 'NeverSent');
    expect(await placed(order)).toBe(0);
    await booksAreEqual();
  });
});

describe('orders of another client', () => {
  it('are quarantined and never touched', async () => {
    await active(1);
    const log = createLogger({ name: 'test', level: 'silent' });
    const other = createMexcClient({
      ...simulator,
      symbols: ['XRP/ETH'],
      recvWindowMs: 2_000,
      clock: systemClock,
      log,
    });
    const amounts = { price: parseDecimal('0.0006'), quantity: parseDecimal('10') };
    const terms = { timestampMs: Date.now(), recvWindowMs: 2_000, refusal: () => undefined };
    await other.place({ clientOrderId: 'zzforeign', symbol: 'XRP/ETH', side: 'buy', type: 'LIMIT', ...amounts }, terms);
    await until(async () => (await database.pool.query('SELECT FROM trading.quarantine')).rowCount === 1);
    expect(await other.order('XRP/ETH', 'zzforeign')).toMatchObject({ kind: 'ok', value: { status: 'New' } });
    other.close();
  });

  it('cause a ledger drift when they change the balances while we trade, and only sells are sent', async () => {
    const run = await active(1);
    const held = await approveOrder();
    await endsAs(held, 'Filled');
    await database.pool.query(`UPDATE trading.balances SET ledger = ledger + 1 WHERE asset = 'ETH'`);
    await until(async () => {
      // Buy orders are refused once the drift is detected.
      await endsAs(await approveOrder(), 'Filled', 'NeverSent');
      return run.checks.get('ledger')?.().reason === 'LedgerDrift';
    });
    // At least one fill in each of the three readings.
    expect((await database.pool.query('SELECT FROM trading.trades')).rowCount).toBeGreaterThanOrEqual(3);
    const buy = await approveOrder();
    await endsAs(buy, 'NeverSent');
    const sell = await approveOrder({ side: 'sell', price: parseDecimal('0.0005') });
    await endsAs(sell, 'Filled');
    await database.pool.query(`UPDATE trading.balances SET ledger = ledger - 1 WHERE asset = 'ETH'`);
    await until(() => run.checks.get('ledger')?.().ok === true);
    await booksAreEqual();
    expect(await placed(buy)).toBe(0);
  });
});

describe('a pair that the venue does not have', () => {
  it('keeps no other pair from being traded, and is named with the answer of the venue', async () => {
    const run = await active(1, { settings: { symbols: ['XRP/ETH', 'GONE/ETH'] } });
    const held = await approveOrder();
    await endsAs(held, 'Filled');
    const check = run.checks.get('reconcile')?.();
    expect(check).toMatchObject({ ok: false, reason: 'PairRefused' });
    expect(check?.message).toMatch(/^GONE\/ETH: open orders: the venue refuses the pair: Unlisted, code 10007/);
    expect(check?.message).not.toContain('XRP/ETH');
    const comparedAt = async () => {
      const { rows } = await database.pool.query<{ at: Date }>('SELECT min(reconciled_at) AS at FROM trading.balances');
      return rows[0]?.at.getTime() ?? 0;
    };
    const beforeMs = await comparedAt();
    await until(async () => (await comparedAt()) > beforeMs);
    await booksAreEqual();
  });
});
