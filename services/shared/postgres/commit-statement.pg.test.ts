import type { Pool } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from '../../../test/harness/stores/native-server.ts';
import { createTestDatabase, type TestDatabase } from '../../../test/harness/stores/test-database.ts';
import { until } from '../../../test/harness/until.ts';
import { createLogger } from '../runtime/logger.ts';
import { commitStatement } from './commit-statement.ts';
import { CommitUnknownError, isPostgresUnavailable, isUniqueViolation } from './errors.ts';
import { createPool } from './pool.ts';

const log = createLogger({ name: 'test', level: 'silent' });
let database: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool({ ...database.options, applicationName: 'statement', log, max: 1 });
  await pool.query('CREATE TABLE notes (id int PRIMARY KEY)');
});
afterAll(async () => {
  await pool.end();
  await database.close();
});

const insert = async (id: number) =>
  await commitStatement(pool, {
    name: 'insert-note',
    text: 'INSERT INTO notes VALUES ($1) RETURNING id',
    values: [id],
  });

async function errorOf(work: Promise<unknown>): Promise<unknown> {
  return await work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

it('commits by itself and returns the rows, and prepares the statement once per connection', async () => {
  expect([await insert(1), await insert(2)]).toEqual([[{ id: 1 }], [{ id: 2 }]]);
  expect((await database.pool.query('SELECT id FROM notes ORDER BY id')).rows).toEqual([{ id: 1 }, { id: 2 }]);
  expect((await pool.query('SELECT name, statement FROM pg_prepared_statements')).rows).toEqual([
    { name: 'insert-note', statement: 'INSERT INTO notes VALUES ($1) RETURNING id' },
  ]);
});

it('rejects with the error of the server when the statement was refused', async () => {
  const error = await errorOf(insert(1));
  expect([isUniqueViolation(error), isPostgresUnavailable(error)]).toEqual([true, false]);
  expect(await insert(3)).toEqual([{ id: 3 }]);
});

it('prepares the statement again when the connection has lost it', async () => {
  await pool.query('DEALLOCATE ALL');
  expect(await insert(4)).toEqual([{ id: 4 }]);
});

it('reports an unknown outcome when the server ends the session, and uses another connection afterwards', async () => {
  const end = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'statement' AND wait_event_type = 'Lock'`;
  // Whether the end of the connection is noticed before its next use is a matter of luck, so not just once.
  for (let id = 10; id < 20; id += 1) {
    const blocker = await database.pool.connect();
    await blocker.query('BEGIN');
    await blocker.query('INSERT INTO notes VALUES ($1)', [id]);
    const failing = errorOf(insert(id));
    await until(async () => (await database.pool.query(end)).rowCount === 1);
    expect(await failing).toBeInstanceOf(CommitUnknownError);
    expect(await insert(id + 100)).toEqual([{ id: id + 100 }]);
    await blocker.query('ROLLBACK');
    blocker.release();
    expect(await insert(id)).toEqual([{ id }]);
  }
});

it('does not report an unknown outcome when there was no connection to send it on', async () => {
  const nowhere = createPool({ ...database.options, port: await freePort(), applicationName: 'statement', log });
  const error = await errorOf(commitStatement(nowhere, { name: 'x', text: 'SELECT 1', values: [] }));
  expect(isPostgresUnavailable(error)).toBe(true);
  expect(error).not.toBeInstanceOf(CommitUnknownError);
});
