import { afterAll, beforeAll, expect, it } from 'vitest';
import { TEST_STACK } from '../../../../test/fixtures/approved-orders.ts';
import { createTestDatabase, type TestDatabase } from '../../../../test/harness/stores/test-database.ts';
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
