import type { Pool } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TEST_STACK } from '../../../test/fixtures/approved-orders.ts';
import { insertStackRows, insertStates } from '../../../test/fixtures/dead-stack.ts';
import { recordStatements } from '../../../test/harness/stores/record-statements.ts';
import { costOf, type Statement } from '../../../test/harness/stores/statement-cost.ts';
import { createTestDatabase, type TestDatabase } from '../../../test/harness/stores/test-database.ts';
import { HISTORY } from '../../db-writer/core/history.ts';
import { createMarketStore } from '../../db-writer/store/market-store.ts';
import { manualEffects } from '../../execution/core/reconcile/manual-trade.ts';
import { observe } from '../../execution/core/order-decider.ts';
import { effectsOf } from '../../execution/core/order-effects.ts';
import { forgetPublished } from '../../execution/store/outbox/forget-published.ts';
import { loadUnpublished } from '../../execution/store/outbox/load-unpublished.ts';
import { markPublished } from '../../execution/store/outbox/mark-published.ts';
import { placeMessages } from '../../execution/store/outbox/place-messages.ts';
import { createPostgresStore } from '../../execution/store/postgres-store.ts';
import { accountAfter } from '../../risk/core/account-after.ts';
import { riskStatements } from '../../risk/store/risk-store.ts';
import { transferOf } from '../domain/ledger.ts';
import { createLogger } from '../runtime/logger.ts';
import { createPool } from './pool.ts';

/** What the own stack has in each table. */
const OWN = 20;
/** More than its rows take, and less than a walk over an index of the rows of the other one. */
const PAGES_MAX = 250;
const EXECUTION = { role: 'execution' };
const RISK = { role: 'risk', plansOnce: true };
const DB_WRITER = { role: 'db_writer' };
const log = createLogger({ name: 'test', level: 'silent' });
let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase({ migrate: true });
  await insertStackRows(database.pool, { stack: 'gone', rows: 100_000, days: 400 });
  await insertStates(
    database.pool,
    Array.from({ length: 2_000 }, (_, i) => `gone-${i}`),
    400,
  );
  await insertStackRows(database.pool, { stack: TEST_STACK, rows: OWN, days: 1 });
  await insertStates(database.pool, [TEST_STACK], 1);
}, 300_000);

afterAll(async () => {
  await database.close();
}, 60_000);

interface Client {
  readonly role: string;
  readonly plansOnce?: boolean;
}

/** Runs `work` with a role, and returns what it sent, without the beginnings and ends of transactions. */
async function sentBy(
  { role, ...options }: Client,
  work: (pool: Pool) => Promise<void>,
): Promise<readonly Statement[]> {
  const pool = createPool({ ...database.as(role), ...options, applicationName: role, log });
  const sent = recordStatements(pool);
  try {
    await work(pool);
  } finally {
    await pool.end();
  }
  return [...sent].filter(([text]) => /^\s*(?:WITH|SELECT|INSERT|UPDATE|DELETE)\b/.test(text));
}

/** Returns the statements that read more than the rows of the own stack, in a session that has run each already. */
async function costly(
  { role, ...options }: Client,
  statements: readonly Statement[],
  runs = 2,
): Promise<readonly string[]> {
  const pool = createPool({ ...database.as(role), ...options, applicationName: role, log, max: 1 });
  const client = await pool.connect();
  const found: string[] = [];
  try {
    for (const statement of statements) {
      let cost = await costOf(client, statement);
      for (let run = 1; run < runs; run += 1) cost = await costOf(client, statement);
      if (cost.pages > PAGES_MAX || cost.compiled)
        found.push(`${JSON.stringify(cost)}: ${statement.join(' ').trim().slice(0, 300)}`);
    }
  } finally {
    client.release();
    await pool.end();
  }
  return found;
}

it('costs execution nothing in what it does at intervals', async () => {
  const sent = await sentBy(EXECUTION, async (pool) => {
    const store = createPostgresStore(pool, TEST_STACK, { observe, effectsOf, transferOf, manualEffects });
    await store.readFence();
    await store.recordIdentity();
    expect(await store.readTradingStates()).toHaveLength(5);
    expect((await store.openApprovals([])).malformed).toHaveLength(OWN);
    expect((await store.loadOrders([])).orders).toHaveLength(OWN / 2);
    expect(await store.cancelRequests()).toHaveProperty('size', OWN);
    expect(await store.fillWatermark('XRP/ETH')).toBeDefined();
    expect((await store.fillsRead('XRP/ETH')).toMs).toBeDefined();
    expect(await store.recordedTrades('XRP/ETH', ['t1'])).toHaveProperty('size', 1);
    expect(await store.openLedger(new Map())).toBe(false);
    expect((await store.bookTransfers(new Set())).waiting).toHaveLength(OWN / 2);
    expect((await store.bookManualTrades({ assets: new Set(), symbols: new Set() }, new Set())).refused).toHaveLength(
      OWN / 2,
    );
    expect(await store.readLedger()).toHaveProperty('size', OWN);
    expect(await store.driftingAssets()).toHaveProperty('size', OWN / 2);
    expect(await store.openDeadLetters()).toHaveLength(OWN / 2);
    expect(await store.heldSymbols()).toHaveProperty('size', 1);
    expect(await store.loadPortfolio()).toMatchObject({ positions: [{}] });
    await store.recordVenueBalances(new Map(), Date.now(), []);
    await placeMessages(pool, TEST_STACK);
    const messages = await loadUnpublished(pool, TEST_STACK, { held: await store.readFence(), limit: 200 });
    expect(messages).toHaveLength(OWN / 2);
    await markPublished(
      pool,
      TEST_STACK,
      messages.map(({ id }) => id),
    );
    await forgetPublished(pool, TEST_STACK, Date.now());
  });
  expect(sent.length).toBeGreaterThan(20);
  expect(await costly(EXECUTION, sent)).toEqual([]);
}, 120_000);

it('costs risk nothing in what it does at intervals and for each decision', async () => {
  const sent = await sentBy(RISK, async (pool) => {
    const store = riskStatements(pool, TEST_STACK, { accountAfter });
    expect(await store.readTradingStates()).toHaveLength(5);
    expect((await store.readAccount(Date.now())).positions).toHaveLength(OWN);
    await store.requestCancels(Date.now(), [{ clientOrderId: 'o1', symbol: 'XRP/ETH', reason: 'Leaving' }]);
  });
  expect(sent.length).toBeGreaterThan(2);
  expect(await costly(RISK, sent)).toEqual([]);
}, 120_000);

it('costs retention nothing, however much history the own stack has', async () => {
  // So much that the planner prefers to find what is old by its time.
  await insertStackRows(database.pool, { stack: TEST_STACK, from: OWN + 1, rows: 20_000, days: 1 });
  await database.pool.query(
    `ALTER TABLE trading.halts DISABLE TRIGGER ALL;
     INSERT INTO trading.halts (stack, source, active, reason) SELECT '${TEST_STACK}', 'source-' || i % 5, true, '' FROM generate_series(1, 40000) i;
     ANALYZE trading.halts`,
  );
  const sent = await sentBy(DB_WRITER, async (pool) => {
    await createMarketStore(pool, TEST_STACK).deleteHistory('halts', 30);
  });
  const [[text] = ['']] = sent;
  const of = (table: string): Statement => [text, [TEST_STACK, table, 30]];
  // From the sixth call on, a session may use plans for any values.
  expect(await costly(DB_WRITER, HISTORY.map(of), 12)).toEqual([]);
}, 120_000);
