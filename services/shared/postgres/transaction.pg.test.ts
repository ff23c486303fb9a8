import type { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFaultProxy, type FaultProxy } from '../../../test/faults/fault-proxy.ts';
import { startPrivatePostgres } from '../../../test/harness/stores/private-postgres.ts';
import { createTestDatabase, type TestDatabase } from '../../../test/harness/stores/test-database.ts';
import { until } from '../../../test/harness/until.ts';
import { systemClock } from '../runtime/clock.ts';
import { createLogger } from '../runtime/logger.ts';
import { CommitUnknownError, isPostgresUnavailable, isUniqueViolation } from './errors.ts';
import { closePool, createPool, createPostgresProbe } from './pool.ts';
import { RolledBackError, transaction } from './transaction.ts';

const log = createLogger({ name: 'test', level: 'silent' });
let test: TestDatabase;
let proxy: FaultProxy;
let pool: Pool;

beforeAll(async () => {
  test = await createTestDatabase();
  await test.pool.query('CREATE TABLE notes (id int PRIMARY KEY, amount numeric(38,18))');
  proxy = await startFaultProxy(test.options);
  pool = createPool({ ...test.options, port: proxy.port, applicationName: 'test', log, statementTimeoutMs: 500 });
});
afterAll(async () => {
  await closePool(pool);
  await proxy.close();
  await test.close();
});

async function errorOf(work: Promise<unknown>): Promise<unknown> {
  return await work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('createPool', () => {
  it('keeps every digit of integers, decimals and decimal arrays', async () => {
    const { rows } = await test.pool.query(
      `SELECT 9007199254740993::int8 AS i, 1.000000000000000001::numeric AS n, ARRAY[0.1::numeric, 12345678901234567890.5] AS a`,
    );
    expect(rows).toEqual([{ i: '9007199254740993', n: '1.000000000000000001', a: ['0.1', '12345678901234567890.5'] }]);
  });

  it('cancels a statement at the timeout, and classifies that as unavailable', async () => {
    const error = await errorOf(pool.query('SELECT pg_sleep(10)'));
    expect(isPostgresUnavailable(error)).toBe(true);
  });
});

describe('transaction', () => {
  it('runs again on another connection when the one it had has lost its prepared statement', async () => {
    const single = createPool({ ...test.options, applicationName: 'test', log, max: 1 });
    const text = 'SELECT amount::text FROM notes WHERE id = $1';
    const read = async () =>
      await transaction(single, async (client) => (await client.query({ name: 'read', text, values: [0] })).rows);
    expect(await read()).toEqual([]);
    await single.query('DEALLOCATE ALL');
    expect(await read()).toEqual([]);
    await single.end();
  });

  it('commits, or rolls back when the work throws', async () => {
    await transaction(pool, async (client) => await client.query('INSERT INTO notes VALUES (1, 1)'));
    const error = await errorOf(
      transaction(pool, async (client) => {
        await client.query('INSERT INTO notes VALUES (2, 1)');
        await client.query('INSERT INTO notes VALUES (1, 1)');
      }),
    );
    expect([
      isUniqueViolation(error),
      isUniqueViolation(error, 'notes_pkey'),
      isUniqueViolation(error, 'other'),
    ]).toEqual([true, true, false]);
    expect(isPostgresUnavailable(error)).toBe(false);
    expect((await test.pool.query('SELECT id FROM notes ORDER BY id')).rows).toEqual([{ id: 1 }]);
  });

  it('reports a COMMIT that rolled back as a failure', async () => {
    const work = transaction(pool, async (client) => {
      await client.query('SELECT 1 / 0').catch(() => {});
    });
    expect(await errorOf(work)).toBeInstanceOf(RolledBackError);
  });

  it('retries after a serialization failure', async () => {
    await test.pool.query('INSERT INTO notes VALUES (10, 0)');
    let attempts = 0;
    await transaction(
      pool,
      async (client) => {
        attempts += 1;
        await client.query('SELECT amount FROM notes WHERE id = 10');
        if (attempts === 1) await test.pool.query('UPDATE notes SET amount = amount + 1 WHERE id = 10');
        await client.query('UPDATE notes SET amount = amount + 1 WHERE id = 10');
      },
      { isolation: 'repeatable read' },
    );
    const { rows } = await test.pool.query('SELECT trim_scale(amount) AS amount FROM notes WHERE id = 10');
    expect([attempts, rows]).toEqual([2, [{ amount: '2' }]]);
  });

  it('reports an unknown outcome when the reply to COMMIT is lost', async () => {
    const error = await errorOf(
      transaction(pool, async (client) => {
        await client.query('INSERT INTO notes VALUES (20, 1)');
        proxy.loseReplies();
      }),
    );
    proxy.pass();
    expect(error).toBeInstanceOf(CommitUnknownError);
    expect(isPostgresUnavailable(error)).toBe(true);
    // In this case it was committed, which only reading the data shows.
    await until(async () => (await test.pool.query('SELECT id FROM notes WHERE id = 20')).rowCount === 1);
  });

  it('distinguishes a connection lost before COMMIT from an unknown commit', async () => {
    const error = await errorOf(
      transaction(pool, async (client) => {
        proxy.loseReplies();
        await client.query('INSERT INTO notes VALUES (21, 1)');
      }),
    );
    proxy.pass();
    expect(error).not.toBeInstanceOf(CommitUnknownError);
    expect(isPostgresUnavailable(error)).toBe(true);
    expect((await test.pool.query('SELECT id FROM notes WHERE id = 21')).rowCount).toBe(0);
  });
});

describe('a killed server', () => {
  it('keeps every committed row, and the probe reports outage and recovery', async () => {
    const server = await startPrivatePostgres();
    const own = createPool({ ...server.options, applicationName: 'test', log });
    await own.query('CREATE TABLE kept (id int PRIMARY KEY)');
    const probe = createPostgresProbe({ pool: own, clock: systemClock, log, intervalMs: 50 });
    const abort = new AbortController();
    const ended = probe.run(abort.signal);
    await until(() => probe.check().ok);
    const insert = async (id: number) => await own.query('INSERT INTO kept VALUES ($1)', [id]);
    for (let id = 0; id < 50; id += 1) await insert(id);
    await server.kill();
    expect(isPostgresUnavailable(await errorOf(insert(50)))).toBe(true);
    await until(() => !probe.check().ok);
    expect(probe.check()).toMatchObject({
      reason: 'Unreachable',
      message: expect.stringContaining('(spec.postgres): ') as string,
    });
    await server.restart();
    await until(() => probe.check().ok);
    expect((await own.query('SELECT count(*) AS kept FROM kept')).rows).toEqual([{ kept: '50' }]);
    abort.abort();
    await ended;
    await own.end();
    await server.stop();
  });
});
