import { afterAll, beforeAll, expect, it } from 'vitest';
import { TEST_STACK } from '../../../../test/fixtures/approved-orders.ts';
import { createTestDatabase, type TestDatabase } from '../../../../test/harness/stores/test-database.ts';
import { ORDER_COLUMNS } from './order-row.ts';
import { isTerminal, ORDER_STATE_KINDS, type OrderState } from '../../../shared/domain/orders/order.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase({ migrate: true });
});

afterAll(async () => {
  await database.close();
});

it('treats as live in SQL exactly the states that the domain does not treat as terminal', async () => {
  const sql = `
    INSERT INTO trading.orders (stack, client_order_id, decision_id, strategy, symbol, side, type, quantity, reserved_asset, reserved, epoch,
      risk_hash, deadline, state)
    SELECT $1, kind, kind, 's', 'XRP/ETH', 'buy', 'LIMIT', 1, 'ETH', 0, 1, '', now(), kind FROM unnest($2::text[]) kind`;
  await database.pool.query(sql, [TEST_STACK, ORDER_STATE_KINDS]);
  const { rows } = await database.pool.query<{ readonly state: string }>('SELECT state FROM trading.live_orders');
  const live = ORDER_STATE_KINDS.filter((kind) => !isTerminal({ kind } as OrderState));
  expect(rows.map(({ state }) => state).sort()).toEqual([...live].sort());
});

it('reads an order without reading the whole history of fills', async () => {
  await database.pool.query(
    `INSERT INTO trading.orders (stack, client_order_id, decision_id, strategy, symbol, side, type, quantity, reserved_asset, reserved, epoch,
       risk_hash, deadline, state)
     SELECT $1, 'o' || n, 'o' || n, 's', 'XRP/ETH', 'buy', 'LIMIT', 1, 'ETH', 0, 1, '', now(), 'Filled' FROM generate_series(1, 5000) n`,
    [TEST_STACK],
  );
  await database.pool.query(
    `INSERT INTO trading.trades (stack, venue_trade_id, venue_order_id, client_order_id, symbol, side, price, quantity, fee, fee_asset, maker, traded_at)
     SELECT $1, n::text, 'v', 'o' || (n % 5000 + 1), 'XRP/ETH', 'buy', 1, 1, 0, 'ETH', false, now() FROM generate_series(1, 20000) n`,
    [TEST_STACK],
  );
  await database.pool.query('ANALYZE trading.trades, trading.orders');
  const { rows } = await database.pool.query<{ readonly 'QUERY PLAN': string }>(
    `EXPLAIN SELECT ${ORDER_COLUMNS} FROM trading.orders o WHERE o.stack = '${TEST_STACK}' AND o.client_order_id = 'o7'`,
  );
  const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
  expect(plan).toContain('trades_by_order');
  expect(plan).not.toContain('Seq Scan on trades');
});
