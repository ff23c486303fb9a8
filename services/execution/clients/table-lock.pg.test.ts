import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { untilBlocked } from '../../../test/harness/stores/blocked-sessions.ts';
import { endsWithin, openOrderRecord } from '../../../test/harness/stores/order-record.ts';
import { until } from '../../../test/harness/until.ts';
import { createTestDatabase, type TestDatabase } from '../../../test/harness/stores/test-database.ts';

/** A statement waits for a lock for 2 s, and for its turn in the pool for 5 s. The rest is for a busy machine. */
const ENDS_MS = 4_500;
const IN_TURN_MS = 8_500;
const WORKS_AGAIN_MS = 5_000;
/** Connections of the order path. */
const POOL_SIZE = 5;
/** Everything that an intent or a note of a fill writes. */
const WRITTEN = [
  'orders',
  'order_events',
  'trades',
  'positions',
  'ledger_postings',
  'balances',
  'fee_totals',
  'record_counts',
  'outbox',
];

let database: TestDatabase;
let record: ReturnType<typeof openOrderRecord>;

beforeAll(async () => {
  database = await createTestDatabase({ migrate: true });
  record = openOrderRecord(database.as('execution'));
  await record.raiseFence();
});

afterAll(async () => {
  await record.close();
  await database.close();
});

/** Another session locks the table, as a migration or a person does. Resolves with the function that unlocks it. */
async function lock(table: string): Promise<() => Promise<void>> {
  const session = await database.pool.connect();
  await session.query('BEGIN');
  await session.query(`LOCK TABLE trading.${table} IN ACCESS EXCLUSIVE MODE`);
  return async () => {
    await session.query('ROLLBACK');
    session.release();
  };
}

async function written(): Promise<readonly unknown[]> {
  const fence = database.pool.query('SELECT * FROM trading.execution_fence');
  const tables = WRITTEN.map(
    async (name) => await database.pool.query(`SELECT * FROM trading.${name} ORDER BY 1, 2, 3`),
  );
  return (await Promise.all([fence, ...tables])).map(({ rows }) => rows);
}

/** States of the sessions of the record, as the server has them. */
async function sessions(): Promise<readonly string[]> {
  const { rows } = await database.pool.query<{ readonly state: string }>(
    `SELECT state FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'execution'`,
  );
  return rows.map(({ state }) => state);
}

async function expectIdlePool(): Promise<void> {
  expect((await sessions()).length).toBeLessThanOrEqual(POOL_SIZE);
  // A statement that timed out here may take a moment to end there.
  await until(async () => (await sessions()).every((state) => state === 'idle'));
}

function ids(prefix: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
}

describe('while another session has locked a table', () => {
  // A note waits for the first before it has written anything, and for the others in the middle of its writes.
  it.each(['orders', 'outbox', 'order_events'])(
    'statements that need %s end as unavailable, write nothing, and succeed when it is unlocked',
    async (table) => {
      const { commit, note } = record;
      expect(await commit(`${table}-noted`)).toBe('Committed');
      const before = await written();
      const unlock = await lock(table);
      const work = [commit(`${table}-lost`), note(`${table}-noted`)];
      expect(await endsWithin(ENDS_MS, work)).toEqual(['unavailable', 'unavailable']);
      await unlock();
      expect(await written()).toEqual(before);
      const again = [commit(`${table}-lost`), note(`${table}-noted`)];
      expect(await endsWithin(WORKS_AGAIN_MS, again)).toEqual(['succeeded', 'succeeded']);
      expect(await again[0]).toBe('Committed');
      expect(await again[1]).toMatchObject({ order: { state: { kind: 'Filled' } } });
      await expectIdlePool();
    },
  );

  it('a pool whose connections all wait for it serves everything again, and has lost no connection', async () => {
    const { commit, note } = record;
    const noted = ids('noted', 3);
    for (const id of noted) await commit(id);
    let unlock = await lock('orders');
    const lost = [...ids('lost', 15).map(commit), ...noted.map(note)];
    await untilBlocked(database.pool, POOL_SIZE);
    expect(await sessions()).toHaveLength(POOL_SIZE);
    expect(await endsWithin(IN_TURN_MS, lost)).toEqual(lost.map(() => 'unavailable'));
    await expectIdlePool();

    const waiting = [...ids('waiting', 9).map(commit), ...noted.map(note)];
    await untilBlocked(database.pool, POOL_SIZE);
    await unlock();
    expect(await endsWithin(WORKS_AGAIN_MS, waiting)).toEqual(waiting.map(() => 'succeeded'));
    await expectIdlePool();

    // As many at a time as the pool has connections: each of them works.
    unlock = await lock('orders');
    const last = ids('last', POOL_SIZE).map(commit);
    await untilBlocked(database.pool, POOL_SIZE);
    await unlock();
    expect(await Promise.all(last)).toEqual(last.map(() => 'Committed'));
    expect(await sessions()).toHaveLength(POOL_SIZE);
  });
});
