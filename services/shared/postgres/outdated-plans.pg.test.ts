import type { Pool } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/harness/stores/test-database.ts';
import { createLogger } from '../runtime/logger.ts';
import { commitStatement } from './commit-statement.ts';
import { createPool } from './pool.ts';
import { transaction } from './transaction.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const CONNECTIONS = 5;
const read = { name: 'read-notes', text: 'SELECT * FROM notes WHERE id = $1', values: [1] };
let database: TestDatabase;
let pool: Pool;
let columns = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  await database.pool.query('CREATE TABLE notes (id int PRIMARY KEY)');
  await database.pool.query('INSERT INTO notes VALUES (1)');
});
beforeEach(() => {
  pool = createPool({ ...database.options, applicationName: 'test', log, max: CONNECTIONS });
});
afterEach(async () => await pool.end());
afterAll(async () => await database.close());

/** Runs a statement on each connection of the pool. */
async function onEach(query: typeof read | string): Promise<void> {
  const clients = await Promise.all(Array.from({ length: CONNECTIONS }, async () => await pool.connect()));
  await Promise.all(clients.map(async (client) => await client.query(query)));
  for (const client of clients) client.release();
}

const addColumn = async () => {
  columns += 1;
  await database.pool.query(`ALTER TABLE notes ADD COLUMN added_${columns} int`);
};

const ways: readonly [string, () => Promise<unknown>][] = [
  ['a transaction', async () => await transaction(pool, async (client) => (await client.query(read)).rows)],
  ['a statement that commits by itself', async () => await commitStatement(pool, read)],
];
const causes: readonly [string, () => Promise<void>][] = [
  ['a migration changed the type of its result', addColumn],
  ['they have lost it', async () => await onEach('DEALLOCATE ALL')],
];

it.each(ways.flatMap(([way, run]) => causes.map(([cause, outdate]) => [way, cause, run, outdate] as const)))(
  'runs %s although all connections of the pool prepared it before %s',
  async (_way, _cause, run, outdate) => {
    await onEach(read);
    await outdate();
    expect(await run()).toMatchObject([{ id: 1 }]);
  },
);

it('repeats a transaction on other connections even while it needs repeats for another reason', async () => {
  await onEach(read);
  await addColumn();
  let conflicts = 0;
  const rows = await transaction(
    pool,
    async (client) => {
      const { rows: found } = await client.query(read);
      if (conflicts < 2) await database.pool.query('UPDATE notes SET id = 1 WHERE id = 1');
      conflicts += 1;
      await client.query('UPDATE notes SET id = 1 WHERE id = 1');
      return found;
    },
    { isolation: 'repeatable read' },
  );
  expect([rows, conflicts]).toMatchObject([[{ id: 1 }], 3]);
});

it('replaces the connection of a query outside a transaction, which fails once for each', async () => {
  await onEach(read);
  await addColumn();
  const failed: unknown[] = [];
  for (let query = 0; query < 2 * CONNECTIONS; query += 1)
    await pool.query(read).catch((error: unknown) => failed.push(error));
  expect(failed.length).toBeLessThanOrEqual(CONNECTIONS);
  expect((await pool.query(read)).rows).toMatchObject([{ id: 1 }]);
});
