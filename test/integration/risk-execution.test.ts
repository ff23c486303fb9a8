import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SignalPayload } from '../../services/shared/contracts/messages/signal.ts';
import { INSTRUMENTS, SIGNALS } from '../../services/shared/contracts/keys.ts';
import { formatDecimal, parseDecimal } from '../../services/shared/domain/decimal.ts';
import { systemClock } from '../../services/shared/runtime/clock.ts';
import { orderPathFaults } from '../judges/order-path-evidence.ts';
import { startExecution, type ExecutionRun } from '../harness/running-execution.ts';
import { startRisk, type RiskRun } from '../harness/running-risk.ts';
import { simulatorSettings, startSimulator, type RunningSimulator } from '../harness/running-simulator.ts';
import { startPrivatePostgres, type PrivatePostgres } from '../harness/stores/private-postgres.ts';
import { createDatabaseAt, type TestDatabase } from '../harness/stores/test-database.ts';
import { createTestRedis, type TestRedis } from '../harness/stores/test-redis.ts';
import { until } from '../harness/until.ts';

const SYMBOL = 'XRP/ETH';
const instrument = simulatorSettings().instruments[0]!;

let server: PrivatePostgres;
let database: TestDatabase;
let redis: TestRedis;
let simulator: RunningSimulator;
let execution: ExecutionRun;
let risk: RiskRun;

beforeEach(async () => {
  server = await startPrivatePostgres();
  database = await createDatabaseAt(server.options, { migrate: true });
  database.pool.on('error', () => {});
  redis = await createTestRedis();
  const settings = simulatorSettings();
  simulator = await startSimulator({ ...settings, tape: { ...settings.tape, speed: 1 } });
  await redis.redis.hset(INSTRUMENTS, SYMBOL, JSON.stringify(instrument));
  execution = startExecution({
    postgres: database.as('execution'),
    redis: redis.options,
    venue: simulator,
    incarnation: 'only',
  });
  risk = start();
  await until(() => execution.sender().role === 'armed');
  await execution.activate(1);
  await until(() => execution.sender().role === 'active');
});

afterEach(async () => {
  await risk.stop();
  await execution.kill();
  await simulator.close();
  await redis.close();
  await database.pool.end();
  await server.stop();
});

function start(): RiskRun {
  return startRisk({ postgres: database.as('risk'), redis: redis.options, restUrl: simulator.restUrl });
}

let bars = 0;
let lastBarClose = 0;
/** Publishes a stance with a bar of its own: of two that close in one millisecond risk takes only the first. */
async function signal(stance: 'Long' | 'Flat'): Promise<string> {
  bars += 1;
  lastBarClose = Math.max(Date.now(), lastBarClose + 1);
  const payload: SignalPayload = {
    id: `trend:${SYMBOL}:${bars}`,
    strategy: 'trend',
    symbol: SYMBOL,
    stance,
    changedAt: lastBarClose,
    barClose: lastBarClose,
    referencePrice: '0.0014',
    release: 'test',
  };
  await redis.redis.xadd(SIGNALS, '*', 'data', JSON.stringify(payload));
  return payload.id;
}

/** Returns the base amount held, or undefined while an order is live. */
async function holding(): Promise<string | undefined> {
  const [orders, positions] = await Promise.all([
    database.pool.query(`SELECT FROM trading.live_orders`),
    database.pool.query<{ sum: string | null }>('SELECT sum(quantity) FROM trading.positions'),
  ]);
  return orders.rowCount === 0 ? formatDecimal(parseDecimal(positions.rows[0]?.sum ?? '0')) : undefined;
}

async function holdsSomething(): Promise<boolean> {
  const held = await holding().catch(() => undefined);
  return held !== undefined && held !== '0';
}

/**
 * Publishes the stance Long, and repeats it as later bars do: an order may find no offer at its price, and one whose
 * commit was not answered is never sent.
 */
async function longUntilHeld(withinMs = 20_000): Promise<void> {
  let sentMs = Number.NEGATIVE_INFINITY;
  await until(async () => {
    if (await holdsSomething()) return true;
    if (performance.now() - sentMs > 3_000) {
      sentMs = performance.now();
      await signal('Long');
    }
    return false;
  }, withinMs);
}

/** Publishes the stance Flat once: risk works the exit until the position is closed. */
async function flatUntilClosed(withinMs = 15_000): Promise<void> {
  await signal('Flat');
  await until(async () => (await holding().catch(() => undefined)) === '0', withinMs);
}

/** Signals that risk did not decide because a newer one was. */
async function superseded(): Promise<number> {
  const text = await risk.metrics.metrics();
  return Number(/decisions_total\{outcome="NoAction",code="Superseded"\} (\d+)/.exec(text)?.[1] ?? 0);
}

const FILLED = 'SELECT decision_id, side, state FROM trading.orders WHERE filled > 0';

async function filledSides(): Promise<readonly string[]> {
  const { rows } = await database.pool.query<{ readonly side: string }>(FILLED);
  return rows.map(({ side }) => side);
}

async function booksAreEqual(): Promise<void> {
  await until(async () => (await orderPathFaults(simulator.restUrl, database.pool)).length === 0, 20_000);
  expect(await orderPathFaults(simulator.restUrl, database.pool)).toEqual([]);
}

describe('a canary of the sender', () => {
  const bought = async (): Promise<number> => {
    const { rows } = await database.pool.query<{ sum: number | null }>(
      `SELECT sum(price * filled)::float8 AS sum FROM trading.orders WHERE side = 'buy'`,
    );
    return rows[0]?.sum ?? 0;
  };

  it('bounds all that is bought, lets every exit through, and is lifted without a restart', async () => {
    const canary = { since: 1, maxNotional: parseDecimal('0.05') };
    expect(await execution.activate(1, canary)).toMatchObject({ accepted: true });
    await longUntilHeld();
    expect(await bought()).toBeGreaterThan(0.02);
    await flatUntilClosed();
    const cap = 'SELECT FROM risk.decisions WHERE code = $1';
    await until(async () => {
      await signal('Long');
      await signal('Flat');
      return ((await database.pool.query(cap, ['CanaryCap'])).rowCount ?? 0) > 0;
    }, 20_000);
    expect(await bought()).toBeLessThanOrEqual(0.05);
    await execution.activate(1);
    await longUntilHeld();
    await flatUntilClosed();
    expect(await bought()).toBeGreaterThan(0.05);
    await booksAreEqual();
  });
});

describe('a signal', () => {
  it('becomes one filled order and a position, which a Flat signal closes', async () => {
    await longUntilHeld();
    const { rows } = await database.pool.query(FILLED);
    expect(rows).toEqual([{ decision_id: `trend:${SYMBOL}:${bars}`, side: 'buy', state: 'Filled' }]);
    await signal('Long');
    await flatUntilClosed();
    expect((await filledSides()).filter((side) => side === 'buy')).toHaveLength(1);
    await booksAreEqual();
  });

  it('is decided once when it is delivered twice', async () => {
    await longUntilHeld();
    bars -= 1;
    await signal('Long');
    await flatUntilClosed();
    const { rowCount: approved } = await database.pool.query('SELECT FROM risk.decisions WHERE approved');
    expect((await database.pool.query('SELECT FROM trading.orders')).rowCount).toBe(approved);
    expect((await filledSides()).filter((side) => side === 'buy')).toHaveLength(1);
    await booksAreEqual();
  });
});

describe('an older snapshot of Redis', () => {
  it('brings no old stance back: a position that the newest stance wants is kept', async () => {
    await signal('Flat');
    await longUntilHeld();
    const held = await holding();
    await risk.stop();
    // Such a snapshot lacks them. Beside a newer stance in one batch, the old one would be dropped before it is judged.
    const [, ...longs] = await redis.redis.xrange(SIGNALS, '-', '+');
    expect(await redis.redis.xdel(SIGNALS, ...longs.map(([id]) => id))).toBeGreaterThan(0);
    await redis.redis.call('XGROUP', 'SETID', SIGNALS, 'risk', '0');
    risk = start();
    await until(async () => (await redis.redis.xpending(SIGNALS, 'risk'))[0] === 0 && (await superseded()) >= 1);
    await systemClock.sleep(2_500);
    expect(await holding()).toBe(held);
    const { rows } = await database.pool.query('SELECT stance FROM risk.stances');
    expect(rows).toEqual([{ stance: 'Long' }]);
  });

  it('that is empty delays nothing: the next stance is acted on, and the books agree', async () => {
    await longUntilHeld();
    await redis.redis.flushdb();
    await flatUntilClosed();
    await booksAreEqual();
    expect(await holding()).toBe('0');
  });
});

describe('a killed Postgres', () => {
  it('blocks new orders, shows in the reconcile age, and lets trading resume after its restart', async () => {
    await longUntilHeld();
    await server.kill();
    await signal('Flat');
    await until(() => (execution.figures()['lastReconcileAgeMs'] as number) > 1_000);
    expect(execution.sender().role).toBe('active');
    await server.restart();
    await flatUntilClosed(30_000);
    await booksAreEqual();
  });

  it('leaves a ledger that agrees with the venue when it is killed amid orders', async () => {
    for (let round = 0; round < 3; round += 1) {
      await signal('Long');
      await systemClock.sleep(20 + round * 15);
      await server.kill();
      await systemClock.sleep(300);
      await server.restart();
      await longUntilHeld(30_000);
      await flatUntilClosed(30_000);
    }
    await booksAreEqual();
    expect(execution.figures()['unknownOrders']).toBe(0);
  }, 120_000);
});
