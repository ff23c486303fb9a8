import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MarketView } from '../../services/shared/market/market-view.ts';
import { createRiskMetrics } from '../../services/risk/metrics.ts';
import { createRiskService } from '../../services/risk/service.ts';
import { consumeSignals } from '../../services/risk/store/consume-signals.ts';
import { createRiskStore } from '../../services/risk/store/risk-store.ts';
import { instrumentMessage } from '../../services/shared/contracts/messages/instrument.ts';
import type { SignalPayload } from '../../services/shared/contracts/messages/signal.ts';
import { riskSettings } from '../../services/shared/contracts/services/risk.ts';
import { INSTRUMENTS, SIGNALS } from '../../services/shared/contracts/keys.ts';
import { formatDecimal, parseDecimal } from '../../services/shared/domain/decimal.ts';
import { createMexcPublicRest } from '../../services/shared/venue/mexc/rest/public-rest.ts';
import { createPool } from '../../services/shared/postgres/pool.ts';
import { closeClient, createBlockingClient, createProducerClient } from '../../services/shared/redis/client.ts';
import { systemClock } from '../../services/shared/runtime/clock.ts';
import { createLogger } from '../../services/shared/runtime/logger.ts';
import { TEST_STACK } from '../fixtures/approved-orders.ts';
import { sha256 } from '../../services/shared/runtime/sha256.ts';
import { orderPathFaults } from '../judges/order-path-evidence.ts';
import { startExecution, type ExecutionRun } from '../harness/running-execution.ts';
import { simulatorSettings, startSimulator, type RunningSimulator } from '../harness/running-simulator.ts';
import { startPrivatePostgres, type PrivatePostgres } from '../harness/stores/private-postgres.ts';
import { createDatabaseAt, type TestDatabase } from '../harness/stores/test-database.ts';
import { createTestRedis, type TestRedis } from '../harness/stores/test-redis.ts';
import { until } from '../harness/until.ts';

const SYMBOL = 'XRP/ETH';
const instrument = simulatorSettings().instruments[0]!;
const runtime = { clock: systemClock, log: createLogger({ name: 'risk', level: 'silent' }) };

let server: PrivatePostgres;
let database: TestDatabase;
let redis: TestRedis;
let simulator: RunningSimulator;
let execution: ExecutionRun;
let stopRisk: () => Promise<void>;

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
  stopRisk = startRisk();
  await until(() => execution.sender().role === 'armed');
  await execution.activate(1);
  await until(() => execution.sender().role === 'active');
});

afterEach(async () => {
  await stopRisk();
  await execution.kill();
  await simulator.close();
  await redis.close();
  await database.pool.end();
  await server.stop();
});

/** Starts risk on its real stores. It reads the market directly from the simulator. */
function startRisk(): () => Promise<void> {
  const ending = new AbortController();
  const pool = createPool({ ...database.as('risk'), applicationName: 'risk', log: runtime.log });
  const client = { ...redis.options, name: 'risk', log: runtime.log };
  const commands = createProducerClient(client);
  const market = new MarketView([SYMBOL]);
  market.onInstruments(new Map([[SYMBOL, instrumentMessage.parse(instrument)]]));
  const service = createRiskService({
    ...runtime,
    market,
    tradingStates: () => [],
    release: 'test',
    digest: sha256,
    store: createRiskStore(pool, commands, TEST_STACK),
    metrics: createRiskMetrics(new Registry()),
    settings: riskSettings.parse({
      stack: { id: TEST_STACK, name: 'demo', namespace: 'trading', mode: 'Paper' },
      redis: { host: 'x', port: 1, username: 'x' },
      halt: false,
      postgres: { host: 'x', port: 1, database: 'x', user: 'x' },
      limits: {
        maxOrderNotional: '0.5',
        maxPositionNotional: '1',
        maxExposureNotional: '1',
        maxOpenOrders: 10,
        maxOrdersPerSecond: 10,
        // The book of the tape's first minutes is thin: its spread is 8 %.
        priceCollarPercent: '20',
        maxFeedAgeMs: 5_000,
      },
      symbols: [SYMBOL],
      sizing: [{ strategy: 'trend', orderNotional: '0.05', entry: 'Take' }],
      entryValidMs: 10_000,
      orderDeadlineMs: 5_000,
    }),
  });
  const signals = consumeSignals(
    { ...runtime, metrics: new Registry(), blocking: createBlockingClient(client), commands, consumer: 'risk-1' },
    async (signal) => await service.onSignal(signal),
  );
  const watching = watchMarket(market, ending.signal);
  const running = signals.run(ending.signal);
  return async () => {
    ending.abort(new Error('risk stops'));
    await signals.stop?.();
    await Promise.allSettled([running, watching]);
    await closeClient(commands);
    await pool.end();
  };
}

async function watchMarket(market: MarketView, signal: AbortSignal): Promise<void> {
  const rest = createMexcPublicRest(simulator.restUrl);
  for (let seq = 1; !signal.aborted; seq += 1) {
    const { bids, asks } = await rest.depth(SYMBOL, signal);
    const now = Date.now();
    const common = { producer: 'test', seq, symbol: SYMBOL, time: now, receivedAt: now };
    market.onBook({ ...common, version: '1', bids: bids.slice(0, 5).map(pair), asks: asks.slice(0, 5).map(pair) });
    market.onTrade({ ...common, price: asks[0]![0], quantity: parseDecimal('1'), takerSide: 'buy' });
    await systemClock.sleep(50, signal);
  }
}

function pair<T>([price, quantity]: readonly [T, T]): [T, T] {
  return [price, quantity];
}

let bars = 0;
async function signal(stance: 'Long' | 'Flat'): Promise<string> {
  bars += 1;
  const now = Date.now();
  const payload: SignalPayload = {
    id: `trend:${SYMBOL}:${bars}`,
    strategy: 'trend',
    symbol: SYMBOL,
    stance,
    changedAt: now,
    barClose: now,
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
 * Repeats the Flat stance as a strategy does on every bar: risk refuses to sell a position that no reconciliation has
 * confirmed yet.
 */
async function flatUntilClosed(withinMs = 15_000): Promise<void> {
  let sentAt = 0;
  await until(async () => {
    if ((await holding().catch(() => undefined)) === '0') return true;
    if (Date.now() - sentAt < 300) return false;
    sentAt = Date.now();
    await signal('Flat');
    return false;
  }, withinMs);
}

async function booksAreEqual(): Promise<void> {
  await until(async () => (await orderPathFaults(simulator.restUrl, database.pool)).length === 0, 20_000);
  expect(await orderPathFaults(simulator.restUrl, database.pool)).toEqual([]);
}

describe('a signal', () => {
  it('becomes one filled order and a position, which a Flat signal closes', async () => {
    const id = await signal('Long');
    await until(holdsSomething);
    const { rows } = await database.pool.query<{ decision_id: string; state: string }>(
      'SELECT decision_id, state FROM trading.orders',
    );
    expect(rows).toEqual([{ decision_id: id, state: 'Filled' }]);
    await signal('Long');
    await flatUntilClosed();
    expect((await database.pool.query('SELECT FROM trading.orders')).rowCount).toBe(2);
    await booksAreEqual();
  });

  it('is decided once when it is delivered twice', async () => {
    await signal('Long');
    await until(holdsSomething);
    bars -= 1;
    await signal('Long');
    await flatUntilClosed();
    expect((await database.pool.query('SELECT FROM risk.decisions WHERE approved')).rowCount).toBe(2);
    await booksAreEqual();
  });
});

describe('a killed Postgres', () => {
  it('blocks new orders, shows in the reconcile age, and lets trading resume after its restart', async () => {
    await signal('Long');
    await until(holdsSomething);
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
      await until(holdsSomething, 30_000);
      await flatUntilClosed(30_000);
    }
    await booksAreEqual();
    expect(execution.figures()['unknownOrders']).toBe(0);
  }, 120_000);
});
