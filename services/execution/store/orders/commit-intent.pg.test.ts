import type { Pool, PoolClient } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { approvedOrder, TEST_STACK } from '../../../../test/fixtures/approved-orders.ts';
import { startFaultProxy } from '../../../../test/faults/fault-proxy.ts';
import { startPrivatePostgres } from '../../../../test/harness/stores/private-postgres.ts';
import {
  createDatabaseAt,
  createTestDatabase,
  type TestDatabase,
} from '../../../../test/harness/stores/test-database.ts';
import { until } from '../../../../test/harness/until.ts';
import { parseDecimal } from '../../../shared/domain/decimal.ts';
import { transferOf } from '../../../shared/domain/ledger.ts';
import { CommitUnknownError } from '../../../shared/postgres/errors.ts';
import { createPool } from '../../../shared/postgres/pool.ts';
import { systemClock } from '../../../shared/runtime/clock.ts';
import { createLogger } from '../../../shared/runtime/logger.ts';
import { manualEffects } from '../../core/reconcile/manual-trade.ts';
import { observe } from '../../core/order-decider.ts';
import { effectsOf } from '../../core/order-effects.ts';
import { intendedOrder, type OrderRecord } from '../../core/order-record.ts';
import type { ExecutionStore } from '../../ports.ts';
import { openDatabase } from '../../clients/open-database.ts';
import { createPostgresStore } from '../postgres-store.ts';

const ME = { epoch: 1, holder: 'me' };
const TERMS = { ...ME, approvedBy: 'test' };
const RULES = { observe, effectsOf, transferOf, manualEffects };
const log = createLogger({ name: 'test', level: 'silent' });
let database: TestDatabase;
let pool: Pool;
let store: ExecutionStore;

beforeAll(async () => {
  database = await createTestDatabase({ migrate: true });
});
beforeEach(async () => {
  await database.pool.query('TRUNCATE trading.orders, trading.halts, trading.execution_fence, trading.outbox CASCADE');
  pool = createPool({ ...database.as('execution'), applicationName: 'execution', log });
  store = createPostgresStore(pool, TEST_STACK, RULES);
  await store.raiseFence(ME);
});
afterEach(async () => await pool.end());
afterAll(async () => await database.close());

function intent(decisionId: string): OrderRecord {
  const order = approvedOrder(decisionId);
  return intendedOrder({ order, instrument: undefined, epoch: 1, intendedAtMs: order.decidedAt });
}

function halt(revision = 1) {
  return { source: 'spec', state: 'Halted', author: 'ada', reason: '', revision } as const;
}

/** Another session that has inserted a row under the same decision and not committed it: the intent waits for it. */
async function blockIntent(decisionId: string): Promise<PoolClient> {
  const session = await database.pool.connect();
  await session.query('BEGIN');
  await session.query(
    `INSERT INTO trading.orders (stack, client_order_id, decision_id, strategy, symbol, side, type, quantity, reserved_asset, reserved, epoch,
       risk_hash, deadline, state)
     VALUES ($1, 'other', $2, 's', 'XRP/ETH', 'buy', 'LIMIT', 1, 'ETH', 0, 1, '', now(), 'Intended')`,
    [TEST_STACK, decisionId],
  );
  return session;
}

async function end(session: PoolClient, how: 'COMMIT' | 'ROLLBACK'): Promise<void> {
  await session.query(how);
  session.release();
}

async function waiting(count: number): Promise<void> {
  const sql = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
  await until(async () => (await database.pool.query(sql)).rowCount === count);
}

describe('an intent under way', () => {
  it.each<[string, () => Promise<unknown>]>([
    ['a grant to another sender', async () => await store.raiseFence({ epoch: 2, holder: 'other' })],
    ['a halt', async () => await store.setTradingState(halt())],
  ])('holds up %s until it is committed', async (_what, change) => {
    const blocker = await blockIntent('d1');
    const committing = store.commitIntent(TERMS, intent('d1'));
    await waiting(1);
    let changed = false;
    const changing = change().then(() => (changed = true));
    await Promise.race([waiting(2), changing]);
    expect(changed).toBe(false);
    await end(blocker, 'ROLLBACK');
    expect(await committing).toBe('Committed');
    await changing;
    expect(await store.commitIntent(TERMS, intent('d2'))).toMatch(/^(?:Fenced|Halted)$/);
  });

  it.each([
    ['COMMIT', 'Halted'],
    ['ROLLBACK', 'Committed'],
  ] as const)('waits for a halt that another session is about to end with %s, and is %s', async (how, outcome) => {
    const person = await database.pool.connect();
    await person.query('BEGIN');
    await person.query(`INSERT INTO trading.halts (stack, source, active, reason) VALUES ($1, 'desk', true, '')`, [
      TEST_STACK,
    ]);
    const committing = store.commitIntent(TERMS, intent('d1'));
    await waiting(1);
    await end(person, how);
    expect(await committing).toBe(outcome);
  });

  it('is a duplicate when another session commits its decision first', async () => {
    const blocker = await blockIntent('d1');
    const committing = store.commitIntent(TERMS, intent('d1'));
    await waiting(1);
    await end(blocker, 'COMMIT');
    expect(await committing).toBe('Duplicate');
    expect((await database.pool.query('SELECT FROM trading.outbox')).rowCount).toBe(0);
  });
});

it('admits no intent after a halt is recorded, over many interleavings', async () => {
  const senders = Array.from({ length: 4 }, () => createPostgresStore(pool, TEST_STACK, RULES));
  let random = 42;
  const draw = (below: number): number => {
    random = (random * 1_103_515_245 + 12_345) % 2_147_483_648;
    return random % below;
  };
  const outcomes = new Map<string, number>();
  for (let seed = 1; seed <= 60; seed += 1) {
    let halted = false;
    const late: string[] = [];
    const sending = senders.map(async (sender, lane) => {
      for (let step = 1; step <= 4; step += 1) {
        const started = halted;
        const outcome = await sender.commitIntent(TERMS, intent(`s${seed}-${lane}-${step}`));
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
        if (started && outcome === 'Committed') late.push(`seed ${seed}, sender ${lane}, order ${step}`);
      }
    });
    await systemClock.sleep(draw(6));
    for (let turn = draw(20); turn > 0; turn -= 1) await Promise.resolve();
    await store.setTradingState(halt(2 * seed));
    halted = true;
    await Promise.all(sending);
    expect(late).toEqual([]);
    await store.setTradingState({ ...halt(2 * seed + 1), state: 'Active' });
  }
  // Otherwise the two never met.
  expect([...outcomes.keys()].toSorted()).toEqual(['Committed', 'Halted']);
});

describe('the commit of an intent', () => {
  it('is unknown when the reply is lost, and the order may be there', async () => {
    const proxy = await startFaultProxy(database.options);
    const beyond = createPool({ ...database.as('execution'), port: proxy.port, applicationName: 'execution', log });
    const remote = createPostgresStore(beyond, TEST_STACK, RULES);
    await remote.readFence();
    proxy.loseReplies();
    await expect(remote.commitIntent(TERMS, intent('d1'))).rejects.toBeInstanceOf(CommitUnknownError);
    proxy.pass();
    await until(async () => (await store.loadOrders([])).orders.length === 1);
    expect(await remote.commitIntent(TERMS, intent('d1'))).toBe('Duplicate');
    await beyond.end();
    await proxy.close();
  });

  it('is repeated when the server asks for it', async () => {
    await database.pool.query(
      `ALTER DATABASE ${database.options.database} SET default_transaction_isolation = 'repeatable read'`,
    );
    const strict = createPool({ ...database.as('execution'), applicationName: 'execution', log });
    const person = await database.pool.connect();
    await person.query('BEGIN');
    await person.query(`UPDATE trading.execution_fence SET granted_at = now() WHERE stack = $1`, [TEST_STACK]);
    const committing = createPostgresStore(strict, TEST_STACK, RULES).commitIntent(TERMS, intent('d1'));
    await waiting(1);
    await end(person, 'COMMIT');
    expect(await committing).toBe('Committed');
    await strict.end();
    await database.pool.query(`ALTER DATABASE ${database.options.database} RESET default_transaction_isolation`);
  });

  it('survives a migration that changes what its prepared statement returns', async () => {
    const own = await createTestDatabase({ migrate: true });
    const other = createPool({ ...own.as('execution'), applicationName: 'execution', log });
    const migrated = createPostgresStore(other, TEST_STACK, RULES);
    await migrated.raiseFence(ME);
    // Every connection of the pool has prepared it.
    await Promise.all([1, 2, 3, 4, 5].map(async (n) => await migrated.commitIntent(TERMS, intent(`before-${n}`))));
    await own.pool.query(`ALTER TABLE trading.execution_fence ALTER trading_state TYPE varchar(10)`);
    expect(await migrated.commitIntent(TERMS, intent('after'))).toBe('Committed');
    expect(await migrated.commitIntent(TERMS, intent('after'))).toBe('Duplicate');
    await other.end();
    await own.close();
  });
});

describe('a record that went back', () => {
  it('takes no order from a sender that has seen more commits than it has', async () => {
    const { rows } = await database.pool.query<{ readonly commits: string }>(
      'SELECT commits FROM trading.execution_fence',
    );
    expect(await store.commitIntent(TERMS, intent('d1'))).toBe('Committed');
    // As a replica that takes over without the last commit.
    await database.pool.query('TRUNCATE trading.orders CASCADE');
    await database.pool.query('UPDATE trading.execution_fence SET commits = $1', [rows[0]?.commits]);
    expect(await store.commitIntent(TERMS, intent('d1'))).toBe('RecordWentBack');
    // A new process reconciles with the venue before it sends.
    expect(await createPostgresStore(pool, TEST_STACK, RULES).commitIntent(TERMS, intent('d2'))).toBe('Committed');
  });
});

it('reads no more for the last of many intents than for the first', async () => {
  const own = await createTestDatabase({ migrate: true });
  // One session, which makes its plans while the tables are empty.
  const single = createPool({ ...own.as('execution'), applicationName: 'execution', log, max: 1 });
  const growing = createPostgresStore(single, TEST_STACK, RULES);
  await growing.raiseFence(ME);
  for (let n = 1; n <= 200; n += 1) await growing.commitIntent(TERMS, intent(`d${n}`));
  await single.query('SELECT pg_stat_force_next_flush()');
  const { rows } = await own.pool.query<{ readonly read: number }>(
    `SELECT sum(idx_tup_read)::int AS read FROM pg_stat_user_indexes WHERE schemaname = 'trading' AND relname = 'orders'`,
  );
  // With another index, the check of the foreign key reads all orders before, more than 10,000 rows in all.
  expect(rows[0]?.read).toBeGreaterThanOrEqual(200);
  expect(rows[0]?.read).toBeLessThan(1_000);
  await single.end();
  await own.close();
});

it('waits until its commit survives a crash, whatever the defaults of the server, the database and the role are', async () => {
  // The server writes commits that do not wait for it once in ten seconds.
  const server = await startPrivatePostgres({ synchronous_commit: 'off', wal_writer_delay: '10s', fsync: 'off' });
  const own = await createDatabaseAt(server.options, { migrate: true });
  await own.pool.query(`ALTER DATABASE ${own.options.database} SET synchronous_commit = off`);
  await own.pool.query('ALTER ROLE execution SET synchronous_commit = off');
  const opened = openDatabase(own.as('execution'), TEST_STACK, { ...RULES, clock: systemClock, log });
  await opened.store.raiseFence(ME);
  const position = async (which: 'insert' | 'flush') =>
    (await own.pool.query<{ lsn: string }>(`SELECT pg_current_wal_${which}_lsn() - '0/0' AS lsn`)).rows[0]?.lsn;
  for (let n = 1; n <= 5; n += 1) {
    const before = Number(await position('insert'));
    expect(await opened.store.commitIntent(TERMS, intent(`d${n}`))).toBe('Committed');
    expect(Number(await position('flush'))).toBeGreaterThan(before);
  }
  await opened.close();
  await own.close();
  await server.stop();
});

it('takes any entry in an epoch that a release has granted which knows of no canary', async () => {
  await store.raiseFence({ ...ME, canary: { since: 1, maxNotional: parseDecimal('10') } });
  expect(await store.commitIntent(TERMS, intent('before'))).toBe('OutsideCanary');
  await database.pool.query('UPDATE trading.execution_fence SET epoch = 2');
  expect((await store.readFence()).canary).toBeUndefined();
  expect(await store.commitIntent({ ...TERMS, epoch: 2 }, { ...intent('after'), epoch: 2 })).toBe('Committed');
});
