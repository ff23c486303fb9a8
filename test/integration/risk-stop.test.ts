import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { riskTestSettings as settings } from '../fixtures/risk-settings.ts';
import { createTestDatabase, type TestDatabase } from '../harness/stores/test-database.ts';
import { createTestRedis, type TestRedis } from '../harness/stores/test-redis.ts';
import { simulatorSettings } from '../harness/running-simulator.ts';
import { until } from '../harness/until.ts';
import { wireRisk } from '../../services/risk/wire.ts';
import { bookStream, INSTRUMENTS } from '../../services/shared/contracts/keys.ts';
import type { BookPayload } from '../../services/shared/contracts/messages/book.ts';
import { parseDecimal } from '../../services/shared/domain/decimal.ts';
import { systemClock } from '../../services/shared/runtime/clock.ts';
import { Health } from '../../services/shared/runtime/health.ts';
import { createLogger } from '../../services/shared/runtime/logger.ts';
import type { ServicePart } from '../../services/shared/runtime/service-part.ts';

const SYMBOL = 'XRP/ETH';
let database: TestDatabase;
let redis: TestRedis;
let parts: readonly ServicePart[] = [];
let ending: AbortController;
let version = 0;

beforeEach(async () => {
  database = await createTestDatabase({ migrate: true });
  redis = await createTestRedis();
  ending = new AbortController();
});

afterEach(async () => {
  ending.abort();
  for (const part of parts) await part.stop?.();
  await redis.close();
  await database.close();
});

/** Starts risk as its process does, for a strategy with a stop loss of 5 %. */
function start(): void {
  const environment = { release: 'r', podName: 'risk-1', podIp: '10.0.0.1', logLevel: 'silent' } as const;
  const files = { port: undefined, secretsDirectory: '/nowhere', settingsFile: '/nowhere' };
  const stops = { stopLossPercent: parseDecimal('5') };
  const plan = wireRisk(
    {
      environment: { ...environment, ...files },
      settings: { ...settings, sizing: settings.sizing.map((one) => ({ ...one, stops })) },
      controlToken: () => 'token',
      redis: redis.options,
      postgres: { ...settings.postgres, ...database.as('risk') },
    },
    {
      log: createLogger({ name: 'test', level: 'silent' }),
      clock: systemClock,
      health: new Health(),
      metrics: new Registry(),
      incarnation: 'one',
    },
  );
  parts = plan.parts;
  for (const part of parts) void part.run?.(ending.signal);
}

async function publishBook(bid: string, ask: string): Promise<void> {
  version += 1;
  const now = Date.now();
  const feed = { producer: 'ws', seq: version, symbol: SYMBOL, time: now, receivedAt: now };
  const book: BookPayload = { ...feed, version: String(version), bids: [[bid, '900']], asks: [[ask, '900']] };
  await redis.redis.xadd(bookStream(SYMBOL), '*', 'data', JSON.stringify(book));
}

async function rowsOf(statement: string): Promise<readonly unknown[]> {
  return (await database.pool.query(statement)).rows;
}

it('sells at a stop that books of the stream reach, and stores why', async () => {
  for (const one of simulatorSettings().instruments)
    await redis.redis.hset(INSTRUMENTS, one.symbol, JSON.stringify(one));
  const { id } = settings.stack;
  await database.pool.query(
    `INSERT INTO trading.positions (stack, strategy, symbol, quantity, cost, realised) VALUES ($1, 'trend', $2, 50, 0.07, 0)`,
    [id, SYMBOL],
  );
  await database.pool.query(
    `INSERT INTO trading.balances (stack, asset, ledger, venue, reconciled_at) VALUES ($1, 'XRP', 50, 50, now())`,
    [id],
  );
  start();
  await until(async () => (await rowsOf('SELECT FROM risk.stops')).length === 1, 10_000);
  await until(async () => {
    await publishBook('0.00131', '0.001311');
    return (await rowsOf('SELECT FROM risk.decisions WHERE approved')).length === 1;
  }, 10_000);
  expect(await rowsOf('SELECT kind, trim_scale(trigger_bid)::text AS bid FROM risk.stops')).toEqual([
    { kind: 'StopLoss', bid: '0.00131' },
  ]);
  expect(
    await rowsOf(
      `SELECT approved_order ->> 'side' AS side, inputs ->> 'stop' AS stop FROM risk.decisions WHERE approved`,
    ),
  ).toEqual([{ side: 'sell', stop: 'StopLoss' }]);
});
