import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/harness/stores/test-database.ts';
import type { Queryable } from '../../shared/postgres/pool.ts';
import { CONTRACT_STACK as STACK } from './contract-decisions.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase({ migrate: true });
});

beforeEach(async () => {
  await database.pool.query('TRUNCATE risk.decisions, risk.stops, trading.orders CASCADE');
});

afterAll(async () => {
  await database.close();
});

const INSERT = `INSERT INTO risk.decisions (stack, decision_id, strategy, symbol, approved, code, detail, inputs, client_order_id, approved_order, deadline, release, decided_at)
  SELECT $1, id, strategy, 'XRP/ETH', true, 'Approved', '', '{}', id, jsonb_build_object('side', side), now(), 'r', now()
  FROM unnest($2::text[], $3::text[], $4::text[]) AS d (id, strategy, side)`;

type Decision = readonly [id: string, strategy: string, side: 'buy' | 'sell'];

async function insert(on: Queryable, decisions: readonly Decision[], stack = STACK): Promise<void> {
  await on.query(INSERT, [stack, ...[0, 1, 2].map((column) => decisions.map((one) => one[column]))]);
}

const MANY = Array.from({ length: 100 }, (_, n): Decision => [`new-${n}`, `strategy-${n}`, 'buy']);

it('looks up the order of each decision of an insert, however many orders there are', async () => {
  await database.pool.query(
    `INSERT INTO trading.orders (stack, client_order_id, decision_id, strategy, symbol, side, type, price, quantity, reserved_asset, reserved, epoch, risk_hash, deadline, state)
     SELECT $1, 'o' || n, 'd' || n, 'cross', 'XRP/ETH', 'buy', 'LIMIT', 1, 1, 'ETH', 1, 1, 'h', now(), 'Filled' FROM generate_series(1, 5000) n`,
    [STACK],
  );
  const client = await database.pool.connect();
  try {
    const scans = `SELECT seq_scan::int FROM pg_stat_xact_all_tables WHERE relid = 'trading.orders'::regclass`;
    await client.query('BEGIN');
    const { rows: before } = await client.query(scans);
    await insert(client, MANY);
    expect((await client.query(scans)).rows).toEqual(before);
    await client.query('COMMIT');
  } finally {
    client.release();
  }
  const { rowCount } = await database.pool.query('SELECT FROM risk.open_approvals');
  expect(rowCount).toBe(MANY.length);
});

it('runs each trigger once for all decisions of an insert', async () => {
  const client = await database.pool.connect();
  try {
    await client.query(`SET track_functions = 'pl'`);
    await client.query('BEGIN');
    await insert(client, MANY);
    const { rows } = await client.query(
      `SELECT funcname, calls::int FROM pg_stat_xact_user_functions WHERE schemaname = 'risk' ORDER BY funcname`,
    );
    expect(rows).toEqual([
      { funcname: 'begin_waiting', calls: 1 },
      { funcname: 'end_stop', calls: 1 },
    ]);
    await client.query('ROLLBACK');
  } finally {
    client.release(true);
  }
});

it('ends the stops of all entries of an insert, and no other', async () => {
  await database.pool.query(
    `INSERT INTO risk.stops (stack, strategy, symbol, opened_at)
     SELECT stack, strategy, 'XRP/ETH', now() FROM unnest($1::text[]) stack, unnest($2::text[]) strategy
     UNION ALL SELECT $3, 'bought', 'ADA/ETH', now()`,
    [[STACK, 'other-1'], ['bought', 'bought-twice', 'sold', 'untouched'], STACK],
  );
  await insert(database.pool, [
    ['one', 'bought', 'buy'],
    ['two', 'bought-twice', 'buy'],
    ['three', 'sold', 'sell'],
    ['four', 'bought-twice', 'buy'],
  ]);
  const { rows } = await database.pool.query<{ stop: string }>(
    `SELECT strategy || ' ' || symbol AS stop FROM risk.stops WHERE stack = $1 ORDER BY 1`,
    [STACK],
  );
  expect(rows.map(({ stop }) => stop)).toEqual(['bought ADA/ETH', 'sold XRP/ETH', 'untouched XRP/ETH']);
  const { rowCount } = await database.pool.query(`SELECT FROM risk.stops WHERE stack = 'other-1'`);
  expect(rowCount).toBe(4);
});
