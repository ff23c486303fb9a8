import { Client } from 'pg';
import { TEST_STACK } from '../../fixtures/approved-orders.ts';
import type { PostgresAddress } from '../../harness/stores/private-postgres.ts';

/** How often each row of the history occurred, oldest first: one order, with its decision and its fill, each second. */
const AT = `now() - (i + 600) * interval '1 second'`;

/** One statement for each table that grows. */
const TABLES: readonly (readonly [table: string, columns: string, values: string])[] = [
  [
    'risk.decisions',
    'decision_id, strategy, symbol, approved, code, detail, inputs, client_order_id, approved_order, deadline, release, decided_at',
    `'h' || i, 'trend', 'XRP/ETH', true, 'Approved', '', '{"feedAgeMs": 3}', 'h' || i, '{"side": "buy"}', ${AT}, 'r', ${AT}`,
  ],
  [
    'trading.orders',
    'client_order_id, decision_id, strategy, symbol, side, type, price, quantity, reserved_asset, reserved, epoch, risk_hash, deadline, state, filled, venue_order_id',
    `'h' || i, 'h' || i, 'trend', 'XRP/ETH', 'buy', 'LIMIT', 1, 1, 'ETH', 1, 1, 'h', ${AT}, 'Filled', 1, 'v' || i`,
  ],
  ['trading.order_events', 'client_order_id, seq, state, filled, epoch', `'h' || i, 1, 'Filled', 1, 1`],
  [
    'trading.trades',
    'venue_trade_id, venue_order_id, client_order_id, symbol, side, price, quantity, fee, fee_asset, maker, traded_at',
    `'t' || i, 'v' || i, 'h' || i, 'XRP/ETH', 'buy', 1, 1, 0, 'ETH', true, ${AT}`,
  ],
  ['trading.ledger_postings', 'event_id, line, account, asset, amount', `'fill:XRP/ETH:t' || i, 1, 'venue', 'XRP', 1`],
];

/**
 * Fills the record with orders that have ended. Without triggers and foreign keys, which would take most of the time:
 * the counts that triggers keep are written at the end. A connection of the services would give up after seconds.
 * `progress` gets each table before it is filled.
 */
export async function fillHistory(
  address: PostgresAddress,
  orders: number,
  progress: (table: string) => void,
): Promise<void> {
  const client = new Client(address);
  await client.connect();
  try {
    await client.query(`SET session_replication_role = replica; SET synchronous_commit = off`);
    for (const [table, columns, values] of TABLES) {
      progress(table);
      await client.query(
        `INSERT INTO ${table} (stack, ${columns}) SELECT '${TEST_STACK}', ${values} FROM generate_series(1, ${orders}) i`,
      );
    }
    await client.query(
      `INSERT INTO trading.record_counts (stack, counted, rows) SELECT $1, counted, $2::bigint FROM unnest(ARRAY['orders', 'fills']) AS counted WHERE $2::bigint > 0`,
      [TEST_STACK, orders],
    );
    await client.query('VACUUM (ANALYZE)');
  } finally {
    await client.end();
  }
}
