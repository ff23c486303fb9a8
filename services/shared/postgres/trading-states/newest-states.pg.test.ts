import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, MIGRATIONS, type TestDatabase } from '../../../../test/harness/stores/test-database.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase({ migrate: true });
  // Without the triggers: only the rows matter here.
  await database.pool.query('ALTER TABLE trading.halts DISABLE TRIGGER ALL');
  await database.pool.query(
    `INSERT INTO trading.halts (stack, source, active, state, author, reason, revision, at)
     SELECT 'demo-' || i % 3, 'source-' || (i % 7)::text, state <> 'Active', state, 'a' || i, 'r' || i, i * 7919 % 101, now() - i * 104729 % 5000 * interval '1 minute'
     FROM (SELECT i, (ARRAY['Active', 'Reducing', 'Flattening', 'Halted'])[1 + i * 15485863 % 4] AS state FROM generate_series(1::bigint, 21000) i) h`,
  );
  await database.pool.query(
    `INSERT INTO trading.execution_fence (stack, epoch, holder, granted_at) SELECT 'demo-' || i, 0, '', now() FROM generate_series(0, 2) i`,
  );
  await database.pool.query('ANALYZE trading.halts');
});

afterAll(async () => {
  await database.close();
});

it('is the newest row of each source, with its highest revision and its latest time', async () => {
  const expected = await database.pool.query(
    `SELECT DISTINCT ON (stack, source) stack, source, state, author, reason, max(revision) OVER (PARTITION BY stack, source) AS revision,
       max(at) OVER (PARTITION BY stack, source) AS since
     FROM trading.halts ORDER BY stack, source, id DESC`,
  );
  const { rows } = await database.pool.query('SELECT * FROM trading.trading_states ORDER BY stack, source');
  expect(rows).toHaveLength(21);
  expect(rows).toEqual(expected.rows);
});

interface Plan {
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly Plans?: readonly Plan[];
}

function rowsRead({ Plans = [], ...node }: Plan): number {
  const own = node['Relation Name'] === 'halts' ? node['Actual Rows'] * node['Actual Loops'] : 0;
  return Plans.reduce((sum, plan) => sum + rowsRead(plan), own);
}

it.each(['force_custom_plan', 'force_generic_plan'])('reads a row or two of each source with %s', async (mode) => {
  const client = await database.pool.connect();
  try {
    await client.query(`SET plan_cache_mode = ${mode}`);
    await client.query(`PREPARE states (text) AS SELECT * FROM trading.trading_states WHERE stack = $1`);
    const { rows } = await client.query<{ 'QUERY PLAN': readonly [{ Plan: Plan }] }>(
      `EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE states('demo-1')`,
    );
    const [first] = rows;
    const read = rowsRead(first!['QUERY PLAN'][0].Plan);
    expect(read).toBeGreaterThan(20);
    expect(read).toBeLessThan(100);
  } finally {
    await client.query('DEALLOCATE states');
    client.release();
  }
});

it('has the states of a stack that had lost the row of its fence before the migration', async () => {
  const all = async () => (await database.pool.query('SELECT FROM trading.trading_states')).rowCount;
  await database.pool.query(`SET session_replication_role = replica;
    DELETE FROM trading.execution_fence WHERE stack = 'demo-2'; SET session_replication_role = origin`);
  expect(await all()).toBe(14);
  await database.pool.query(readFileSync(join(MIGRATIONS, '000036_execution_states-by-stack.sql'), 'utf8'));
  expect(await all()).toBe(21);
  expect(await fence()).toEqual([{ epoch: '0', trading_state: 'Halted' }]);
});

it.each([
  ['whose fence somebody deletes', `DELETE FROM trading.execution_fence WHERE stack = 'demo-2'`],
  [
    'whose fence is made again',
    `SET session_replication_role = replica; DELETE FROM trading.execution_fence WHERE stack = 'demo-2';
     SET session_replication_role = origin;
     INSERT INTO trading.execution_fence (stack, epoch, holder, granted_at) VALUES ('demo-2', 0, '', now())`,
  ],
])('keeps the halt of a stack %s', async (_what, sql) => {
  await database.pool.query(`UPDATE trading.execution_fence SET epoch = 7 WHERE stack = 'demo-2'`);
  await database.pool.query(sql);
  expect(await fence()).toEqual([{ epoch: '0', trading_state: 'Halted' }]);
  const { rows } = await database.pool.query(`SELECT state FROM trading.trading_states WHERE stack = 'demo-2'`);
  expect(rows).toContainEqual({ state: 'Halted' });
});

it('lets the fence of a stack without a halt be deleted', async () => {
  await database.pool.query(
    `INSERT INTO trading.execution_fence (stack, epoch, holder, granted_at) VALUES ('new', 1, 'a', now())`,
  );
  await database.pool.query(`DELETE FROM trading.execution_fence WHERE stack = 'new'`);
  expect((await database.pool.query(`SELECT FROM trading.execution_fence WHERE stack = 'new'`)).rowCount).toBe(0);
});

async function fence(): Promise<readonly unknown[]> {
  const sql = `SELECT epoch, trading_state FROM trading.execution_fence WHERE stack = 'demo-2'`;
  return (await database.pool.query(sql)).rows;
}
