import { beforeEach, expect, it } from 'vitest';
import { TEST_STACK } from '../../../test/fixtures/approved-orders.ts';
import { useServiceDatabase } from '../../../test/harness/stores/service-database.ts';
import { HISTORY, type HistoryTable } from '../core/history.ts';
import { deleteHistory } from './delete-history.ts';

const KEPT_DAYS = 30;
const OLD = `now() - interval '31 days'`;
const RECENT = `now() - interval '29 days'`;
const db = useServiceDatabase('db_writer');

beforeEach(async () => {
  await run(`TRUNCATE risk.decisions, trading.orders, trading.halts, trading.execution_fence, trading.signals,
    trading.portfolio_snapshots, trading.quarantine, trading.dead_letters CASCADE`);
});

async function run<T extends object>(sql: string): Promise<readonly T[]> {
  return (await db.admin.query<T>(sql)).rows;
}

/** Inserts an order, its decision and its only step. */
async function insertOrder(id: string, { at = OLD, state = 'Filled', stack = TEST_STACK } = {}): Promise<void> {
  await run(
    `INSERT INTO risk.decisions (stack, decision_id, strategy, symbol, approved, code, detail, inputs, client_order_id,
       approved_order, deadline, release, decided_at)
     VALUES ('${stack}', '${id}', 'trend', 'XRP/ETH', true, 'Approved', '', '{}', '${id}', '{}', ${at}, 'r', ${at})`,
  );
  await run(
    `INSERT INTO trading.orders (stack, client_order_id, decision_id, strategy, symbol, side, type, price, quantity,
       reserved_asset, reserved, epoch, risk_hash, deadline, state)
     VALUES ('${stack}', '${id}', '${id}', 'trend', 'XRP/ETH', 'buy', 'LIMIT', 1, 1, 'ETH', 1, 1, 'h', ${at}, '${state}')`,
  );
  await run(
    `INSERT INTO trading.order_events (stack, client_order_id, seq, state, filled, epoch, at)
     VALUES ('${stack}', '${id}', 1, '${state}', 0, 1, ${at})`,
  );
}

async function deleteAll(table: HistoryTable): Promise<number> {
  let batches = 0;
  while (await deleteHistory(db.pool, TEST_STACK, table, KEPT_DAYS)) batches += 1;
  return batches;
}

it.each([
  ['decisions', 'risk.decisions', 'decision_id'],
  ['order_events', 'trading.order_events', 'client_order_id'],
] as const)(
  'deletes old %s, but none of a live order, a newer one or another stack',
  async (table, relation, column) => {
    await insertOrder('old');
    await insertOrder('resting', { state: 'Open' });
    await insertOrder('unknown', { state: 'Unknown' });
    await insertOrder('recent', { at: RECENT });
    await insertOrder('other', { stack: 'demo-2' });
    await deleteAll(table);
    const left = await run<{ id: string }>(`SELECT ${column} AS id FROM ${relation} ORDER BY 1`);
    expect(left.map(({ id }) => id)).toEqual(['other', 'recent', 'resting', 'unknown']);
    expect(await run('SELECT FROM trading.orders')).toHaveLength(5);
  },
);

it('deletes refused decisions, but no approval that execution has not ended', async () => {
  const row = (id: string, approved: boolean) =>
    `('${TEST_STACK}', '${id}', 'trend', 'XRP/ETH', ${approved}, 'c', '', '{}', ${approved ? `'${id}', '{}', ${OLD}` : 'NULL, NULL, NULL'}, 'r', ${OLD})`;
  await run(
    `INSERT INTO risk.decisions (stack, decision_id, strategy, symbol, approved, code, detail, inputs, client_order_id,
       approved_order, deadline, release, decided_at) VALUES ${row('refused', false)}, ${row('waits', true)}`,
  );
  await deleteAll('decisions');
  expect(await run('SELECT decision_id FROM risk.decisions')).toEqual([{ decision_id: 'waits' }]);
  expect(await run('SELECT decision_id FROM risk.waiting')).toEqual([{ decision_id: 'waits' }]);
});

it('deletes old signals, snapshots, foreign orders and cleared dead letters', async () => {
  for (const at of [OLD, RECENT]) {
    const id = at === OLD ? 'old' : 'recent';
    await run(
      `INSERT INTO trading.signals VALUES ('${TEST_STACK}', '${id}', 's', 'XRP/ETH', 'Long', ${at}, ${at}, 1, 'r')`,
    );
    await run(`INSERT INTO trading.portfolio_snapshots VALUES ('${TEST_STACK}', ${at}, '${id}', 1, 1, 0, 0)`);
    await run(`INSERT INTO trading.quarantine VALUES ('${TEST_STACK}', '${id}', 'XRP/ETH', '{}', ${at})`);
    await run(
      `INSERT INTO trading.dead_letters VALUES ('${TEST_STACK}', 'Fill', '${id}', 'XRP/ETH', '{}', 'p', ${OLD}, ${at})`,
    );
  }
  await run(
    `INSERT INTO trading.dead_letters VALUES ('${TEST_STACK}', 'Fill', 'open', 'XRP/ETH', '{}', 'p', ${OLD}, NULL)`,
  );
  for (const table of HISTORY) await deleteAll(table);
  expect(await run('SELECT signal_id FROM trading.signals')).toEqual([{ signal_id: 'recent' }]);
  expect(await run('SELECT symbol FROM trading.portfolio_snapshots')).toEqual([{ symbol: 'recent' }]);
  expect(await run('SELECT venue_order_id FROM trading.quarantine')).toEqual([{ venue_order_id: 'recent' }]);
  expect(await run('SELECT id FROM trading.dead_letters ORDER BY id')).toEqual([{ id: 'open' }, { id: 'recent' }]);
});

it('deletes in batches until nothing is left', async () => {
  await run(
    `INSERT INTO trading.signals SELECT '${TEST_STACK}', i, 's', 'XRP/ETH', 'Flat', ${OLD}, ${OLD}, 1, 'r' FROM generate_series(1, 2500) i`,
  );
  expect(await deleteAll('signals')).toBe(3);
  expect(await run('SELECT FROM trading.signals')).toEqual([]);
});

it('leaves every trading state as it is, whatever the order of times and revisions', async () => {
  const states = 'SELECT * FROM trading.trading_states ORDER BY stack, source';
  const fence = 'SELECT stack, trading_state FROM trading.execution_fence ORDER BY stack';
  await run(
    `INSERT INTO trading.halts (stack, source, active, state, revision, reason, at)
     SELECT '${TEST_STACK}', 's' || i % 40, state <> 'Active', state, i / 40 * 7919 % 5, i, ${OLD} - i * 15485863 % 86400 * interval '1 minute'
     FROM (SELECT i, (ARRAY['Active', 'Reducing', 'Flattening', 'Halted'])[1 + i * 104729 % 4] AS state
           FROM generate_series(1::bigint, 400) i) h`,
  );
  const before = [await run(states), await run(fence)];
  expect(before[0]).toHaveLength(40);
  await deleteAll('halts');
  expect([await run(states), await run(fence)]).toEqual(before);
  const [{ rows } = { rows: 0 }] = await run<{ rows: number }>('SELECT count(*)::int AS rows FROM trading.halts');
  expect(rows).toBeLessThan(350);
});

it('keeps a halt that is in force, and forgets one that was lifted', async () => {
  const insert = (source: string, active: boolean) =>
    `INSERT INTO trading.halts (stack, source, active, reason, at) VALUES ('${TEST_STACK}', '${source}', ${active}, '', ${OLD})`;
  await run(insert('desk', true));
  await run(insert('console', true));
  await run(insert('console', false));
  await deleteAll('halts');
  expect(await run('SELECT source, active FROM trading.halts ORDER BY id')).toEqual([
    { source: 'desk', active: true },
    { source: 'console', active: false },
  ]);
  expect(await run('SELECT trading_state FROM trading.execution_fence')).toEqual([{ trading_state: 'Halted' }]);
});

it('keeps at least a week', async () => {
  await expect(deleteHistory(db.pool, TEST_STACK, 'halts', 6)).rejects.toThrow('at least 7 days of history are kept');
});
