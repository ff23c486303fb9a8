import { afterEach, beforeEach, expect, it } from 'vitest';
import { SIGNALS } from '../../services/shared/contracts/keys.ts';
import type { SignalPayload } from '../../services/shared/contracts/messages/signal.ts';
import { startRisk, type RiskRun } from '../harness/running-risk.ts';
import { createTestDatabase, type TestDatabase } from '../harness/stores/test-database.ts';
import { createTestRedis, type TestRedis } from '../harness/stores/test-redis.ts';
import { until } from '../harness/until.ts';

const SYMBOL = 'XRP/ETH';
let database: TestDatabase;
let redis: TestRedis;
let risk: RiskRun | undefined;

beforeEach(async () => {
  database = await createTestDatabase({ migrate: true });
  redis = await createTestRedis();
});

afterEach(async () => {
  await risk?.stop();
  risk = undefined;
  await redis.close();
  await database.close();
});

function signal(ageMs: number, stance: 'Long' | 'Flat'): SignalPayload {
  const barClose = Date.now() - ageMs;
  const times = { changedAt: barClose, barClose };
  const rest = { strategy: 'trend', symbol: SYMBOL, stance, referencePrice: '0.0014', release: 'test' } as const;
  return { id: `trend:${SYMBOL}:${barClose}`, ...rest, ...times };
}

async function publish(...signals: SignalPayload[]): Promise<void> {
  const pipeline = redis.redis.pipeline();
  for (const one of signals) pipeline.xadd(SIGNALS, '*', 'data', JSON.stringify(one));
  await pipeline.exec();
}

async function wanted(): Promise<string | undefined> {
  const { rows } = await database.pool.query<{ stance: string }>('SELECT stance FROM risk.stances');
  return rows[0]?.stance;
}

/** Signals by how risk dropped them, and the number of decision transactions. */
async function counts(): Promise<Record<string, number>> {
  const text = (await risk?.metrics.metrics()) ?? '';
  const dropped = [...text.matchAll(/decisions_total\{outcome="\w+",code="(\w+)"\} (\d+)/g)];
  const [, decided] = /decision_seconds_count (\d+)/.exec(text) ?? [];
  return {
    ...Object.fromEntries(dropped.map(([, code, count]) => [code, Number(count)])),
    decided: Number(decided ?? 0),
  };
}

it('reads 4,000 stale signals without one decision, so that a fresh one is decided at once', async () => {
  await publish(...Array.from({ length: 4_000 }, (_, index) => signal(60_000 + (4_000 - index) * 1_000, 'Flat')));
  await publish(signal(0, 'Long'));
  const startedMs = performance.now();
  risk = startRisk({ postgres: database.as('risk'), redis: redis.options });
  await until(async () => (await wanted()) === 'Long', 10_000);
  const tookMs = performance.now() - startedMs;
  await until(async () => (await redis.redis.xpending(SIGNALS, 'risk'))[0] === 0);
  // No market: the entry is refused. What counts is that it was the only one decided.
  expect(await counts()).toEqual({ StaleSignal: 4_000, FeedStale: 1, decided: 1 });
  process.stdout.write(`signal backlog: a fresh signal behind 4,000 stale ones took ${Math.round(tookMs)} ms\n`);
});

it('decides the newest of a recent backlog alone', async () => {
  await publish(
    ...Array.from({ length: 60 }, (_, index) => signal(6_000 - index * 100, index === 0 ? 'Flat' : 'Long')),
  );
  risk = startRisk({ postgres: database.as('risk'), redis: redis.options });
  await until(async () => (await wanted()) === 'Long');
  expect(await counts()).toEqual({ Superseded: 59, FeedStale: 1, decided: 1 });
});

it('acknowledges the superseded signals of a batch only after the newest one is decided', async () => {
  await publish(signal(2_000, 'Flat'), signal(1_000, 'Long'));
  const release = await lockStances();
  risk = startRisk({ postgres: database.as('risk'), redis: redis.options });
  await until(async () => (await redis.redis.xpending(SIGNALS, 'risk').catch(() => [0]))[0] === 2);
  expect(await wanted()).toBeUndefined();
  await release();
  await until(async () => (await redis.redis.xpending(SIGNALS, 'risk'))[0] === 0);
  expect([await wanted(), (await counts())['Superseded']]).toEqual(['Long', 1]);
});

/** Keeps stances from being written, as a slow database does, until the returned function is called. */
async function lockStances(): Promise<() => Promise<void>> {
  const client = await database.pool.connect();
  await client.query('BEGIN');
  await client.query('LOCK TABLE risk.stances IN EXCLUSIVE MODE');
  return async () => {
    await client.query('COMMIT');
    client.release();
  };
}
