import { afterEach, beforeEach, expect, it } from 'vitest';
import { INSTRUMENTS, SIGNALS } from '../../services/shared/contracts/keys.ts';
import type { SignalPayload } from '../../services/shared/contracts/messages/signal.ts';
import { formatDecimal, parseDecimal } from '../../services/shared/domain/decimal.ts';
import { systemClock } from '../../services/shared/runtime/clock.ts';
import { createLogger } from '../../services/shared/runtime/logger.ts';
import { createMexcClient } from '../../services/shared/venue/mexc/trading-client.ts';
import { TEST_STACK } from '../fixtures/approved-orders.ts';
import { startExecution, type ExecutionRun } from '../harness/running-execution.ts';
import { startRisk, type RiskRun } from '../harness/running-risk.ts';
import { simulatorSettings, startSimulator, type RunningSimulator } from '../harness/running-simulator.ts';
import { createTestDatabase, type TestDatabase } from '../harness/stores/test-database.ts';
import { createTestRedis, type TestRedis } from '../harness/stores/test-redis.ts';
import { until } from '../harness/until.ts';
import { orderPathFaults } from '../judges/order-path-evidence.ts';

const SYMBOL = 'XRP/ETH';
/** Orders by hand have no tag of a stack. */
const BY_HAND = 'zzbyhand';
let database: TestDatabase;
let redis: TestRedis;
let simulator: RunningSimulator;
let execution: ExecutionRun;
let risk: RiskRun;
let sales = 0;
let bars = 0;

beforeEach(async () => {
  database = await createTestDatabase({ migrate: true });
  redis = await createTestRedis();
  const settings = simulatorSettings();
  simulator = await startSimulator({ ...settings, tape: { ...settings.tape, speed: 1 } });
  await redis.redis.hset(INSTRUMENTS, SYMBOL, JSON.stringify(settings.instruments[0]));
  await startSender(1);
  risk = startRisk({ postgres: database.as('risk'), redis: redis.options, restUrl: simulator.restUrl });
});

afterEach(async () => {
  await risk.stop();
  await execution.kill();
  await simulator.close();
  await redis.close();
  await database.close();
});

async function startSender(epoch: number): Promise<void> {
  const postgres = database.as('execution');
  execution = startExecution({ postgres, redis: redis.options, venue: simulator, incarnation: `epoch-${epoch}` });
  await until(() => execution.sender().role === 'armed');
  await execution.activate(epoch);
  await until(() => execution.sender().role === 'active');
}

async function signal(stance: 'Long' | 'Flat'): Promise<void> {
  bars += 1;
  const now = Date.now();
  const bar = { strategy: 'trend', symbol: SYMBOL, stance, changedAt: now, barClose: now, release: 'test' };
  const payload: SignalPayload = { ...bar, id: `trend:${SYMBOL}:${bars}`, referencePrice: '0.0014' };
  await redis.redis.xadd(SIGNALS, '*', 'data', JSON.stringify(payload));
}

async function one<T>(sql: string): Promise<T | undefined> {
  return (await database.pool.query(sql)).rows[0] as T | undefined;
}

async function held(): Promise<string> {
  const row = await one<{ held: string | null }>('SELECT sum(quantity)::text AS held FROM trading.positions');
  return formatDecimal(parseDecimal(row?.held ?? '0'));
}

/** Publishes the stance Long, as each bar does, until something is held and no order lives. */
async function longUntilHeld(): Promise<string> {
  let sentMs = Number.NEGATIVE_INFINITY;
  await until(async () => {
    const isLive = (await one('SELECT FROM trading.live_orders')) !== undefined;
    if (!isLive && (await held()) !== '0') return true;
    if (performance.now() - sentMs > 3_000) {
      sentMs = performance.now();
      await signal('Long');
    }
    return false;
  }, 30_000);
  return await held();
}

/** Sells all that the account holds with another client, as a person does in the app. Returns the row to book. */
async function sellByHand(quantity: string): Promise<string> {
  sales += 1;
  const log = createLogger({ name: 'test', level: 'silent' });
  const app = createMexcClient({ ...simulator, symbols: [SYMBOL], recvWindowMs: 2_000, clock: systemClock, log });
  const terms = { timestampMs: Date.now(), recvWindowMs: 2_000, refusal: () => undefined };
  const amounts = { price: parseDecimal('0.0010'), quantity: parseDecimal(quantity) };
  const clientOrderId = `${BY_HAND}${sales}`;
  const placed = await app.place(
    { clientOrderId, symbol: SYMBOL, side: 'sell', type: 'IMMEDIATE_OR_CANCEL', ...amounts },
    terms,
  );
  if (placed.kind !== 'ok') throw new Error(`the sale was not accepted: ${JSON.stringify(placed)}`);
  const { venueOrderId } = placed.value;
  const reply = await app.fills(SYMBOL, { fromMs: Date.now() - 60_000 });
  app.close();
  const fills = reply.kind === 'ok' ? reply.value.fills.filter((fill) => fill.venueOrderId === venueOrderId) : [];
  expect(fills.length).toBeGreaterThan(0);
  const rows = fills.map(({ price, quantity: sold, fee, feeAsset }) => {
    const [at, of, paid] = [price, sold, fee].map(formatDecimal);
    return `('${TEST_STACK}', 'trend', '${SYMBOL}', 'sell', ${of}, ${at}, ${paid}, '${feeAsset}', 'ada', 'app')`;
  });
  const columns = 'stack, strategy, symbol, side, quantity, price, fee, fee_asset, author, reason';
  return `INSERT INTO trading.manual_trades (${columns}) VALUES ${rows.join(', ')}`;
}

const EXITS = `SELECT count(*)::int AS exits FROM risk.decisions WHERE approved AND approved_order ->> 'side' = 'sell'`;

/** Apart from orders by hand, the books and the venue agree in every order, fill, position and balance. */
async function booksAreEqual(): Promise<void> {
  const faults = async () =>
    (await orderPathFaults(simulator.restUrl, database.pool)).filter((fault) => !fault.includes(BY_HAND));
  await until(async () => (await faults()).length === 0, 20_000);
  expect(await faults()).toEqual([]);
}

it('what a person sold at the venue and booked is not sold again, and the strategy enters again', async () => {
  const insert = await sellByHand(await longUntilHeld());
  await until(() => execution.checks.get('ledger')?.().reason === 'LedgerDrift', 20_000);
  await database.pool.query(insert);
  await until(async () => (await held()) === '0');
  await execution.kill();
  await startSender(2);
  await until(() => execution.checks.get('ledger')?.().ok === true);
  await signal('Flat');
  await until(async () => (await one(`SELECT FROM risk.stances WHERE stance = 'Flat'`)) !== undefined);
  await systemClock.sleep(3_000);
  expect(await one(EXITS)).toEqual({ exits: 0 });
  expect(await held()).toBe('0');
  await longUntilHeld();
  await booksAreEqual();
});

it('Flattening ends once a person has booked what was sold at the venue', async () => {
  const insert = await sellByHand(await longUntilHeld());
  await database.pool.query(
    `INSERT INTO trading.halts (stack, source, active, state, author, reason) VALUES ('${TEST_STACK}', 'desk', true, 'Flattening', 'ada', 'out')`,
  );
  // The coins are gone: the exit is refused, and repeated.
  await until(async () => ((await one<{ exits: number }>(EXITS))?.exits ?? 0) > 0, 20_000);
  const halted = `SELECT FROM trading.trading_states WHERE source = 'flatten' AND state = 'Halted'`;
  expect(await one(halted)).toBeUndefined();
  await database.pool.query(insert);
  await until(async () => (await one(halted)) !== undefined, 20_000);
  expect(await held()).toBe('0');
  await booksAreEqual();
});
