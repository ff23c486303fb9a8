import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/harness/stores/test-database.ts';
import { runProgram, type ProgramEnd } from '../cluster/run-program.ts';
import { LEDGER } from './ledger-query.ts';
import { ALL_ORDERS, LIVE_ORDERS } from './orders-query.ts';
import { POSITIONS } from './positions-query.ts';
import { psqlCommand, type RecordQuery } from './query-record.ts';

/** Each query as psql runs it in the pod, on the project's own schema. */
const STACK = 'demo-4c7a68e2';
let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase({ migrate: true });
  const { pool } = database;
  for (const stack of [STACK, 'other-00000000']) {
    await pool.query(
      "INSERT INTO trading.execution_fence (stack, epoch, holder, granted_at) VALUES ($1, 1, 'me', now())",
      [stack],
    );
    for (const [index, state] of ['Open', 'Filled', 'Unknown'].entries()) {
      await pool.query(
        `INSERT INTO trading.orders (stack, client_order_id, decision_id, strategy, symbol, side, type, price, quantity,
           reserved_asset, reserved, epoch, risk_hash, deadline, state, intended_at)
         VALUES ($1, $2, $2, 'cross', 'XRP/ETH', 'buy', 'LIMIT', 0.00145, 12.50, 'ETH', 1, 1, 'h', now(), $3, now() - make_interval(secs => $4))`,
        [stack, `${stack}-${state}`, state, index],
      );
    }
    await pool.query(
      "INSERT INTO trading.positions (stack, strategy, symbol, quantity, cost, realised) VALUES ($1, 'cross', 'XRP/ETH', 12.50, 0.018, -0.000000000000000001)",
      [stack],
    );
    await pool.query(
      "INSERT INTO trading.balances (stack, asset, ledger, venue) VALUES ($1, 'ETH', 10, 9.5), ($1, 'XRP', 1, NULL)",
      [stack],
    );
    await pool.query(
      "INSERT INTO trading.ledger_postings (stack, event_id, line, account, asset, amount, at) VALUES ($1, 'fill:1', 1, 'venue', 'ETH', -0.5, now()), ($1, 'fill:1', 2, 'trading', 'ETH', 0.5, now())",
      [stack],
    );
  }
});
afterAll(async () => await database.close());

/** As in the pod, but over TCP: the socket of the test's server is elsewhere. */
async function query<T>({ sql, schema }: RecordQuery<T>, limit = 10, id = STACK): Promise<T> {
  const { exitCode, output, problems } = await psql(sql, limit, id);
  expect({ exitCode, problems }).toEqual({ exitCode: 0, problems: '' });
  return schema.parse(JSON.parse(output));
}

async function psql(sql: string, limit: number, id: string): Promise<ProgramEnd> {
  const { host, port, user, password, database: name } = database.options;
  const [program = '', options = '', ...words] = psqlCommand({ id, limit, database: name });
  const here = words.map((word) => (word === '/run/postgres' ? host : word === 'postgres' ? user : word));
  return await runProgram(program, [options, `PGPASSWORD=${password}`, `PGPORT=${port}`, ...here], sql);
}

describe('the queries of the record', () => {
  it('list the open orders of one stack, the newest first, with exact decimals', async () => {
    const found = await query(LIVE_ORDERS);
    expect(found.map(({ order }) => order)).toEqual([`${STACK}-Open`, `${STACK}-Unknown`]);
    expect(found[0]).toMatchObject({ price: '0.00145', quantity: '12.5', filled: '0', reason: null, state: 'Open' });
    expect((await query(ALL_ORDERS)).map(({ state }) => state)).toEqual(['Open', 'Filled', 'Unknown']);
    expect(await query(ALL_ORDERS, 1)).toHaveLength(1);
  });

  it('show positions, balances and postings', async () => {
    expect(await query(POSITIONS)).toMatchObject([
      { strategy: 'cross', quantity: '12.5', realised: '-0.000000000000000001' },
    ]);
    const { summary, balances, postings } = await query(LEDGER);
    expect(summary).toMatchObject({ orders: 3, orders_filled: 1, fills: 0 });
    expect(balances).toMatchObject([
      { asset: 'ETH', ledger: '10', venue: '9.5', difference: '-0.5', tradedSince: false },
      { asset: 'XRP', venue: null, difference: null, tradedSince: false },
    ]);
    expect(postings.map(({ account, amount }) => [account, amount])).toEqual([
      ['venue', '-0.5'],
      ['trading', '0.5'],
    ]);
  });

  it.each<[string, string, object]>([
    ['before the ledger was posted to', "now() - interval '4 seconds'", { difference: null, tradedSince: true }],
    ['after it', "now() + interval '4 seconds'", { difference: '-0.5', tradedSince: false }],
  ])('compare a balance that the venue reported %s', async (_when, at, expected) => {
    const read = `UPDATE trading.balances SET reconciled_at = ${at} WHERE stack = $1 AND asset = 'ETH'`;
    await database.pool.query(read, [STACK]);
    const { balances } = await query(LEDGER);
    expect(balances[0]).toMatchObject({ asset: 'ETH', venue: '9.5', ...expected });
  });

  it('have nothing of a stack that has never traded, and run no name of a stack as SQL', async () => {
    expect(await query(LIVE_ORDERS, 10, `x'; DROP TABLE trading.orders; --`)).toEqual([]);
    expect(await query(LEDGER, 10, 'new-11111111')).toEqual({ summary: null, balances: [], postings: [] });
    expect(await query(ALL_ORDERS)).toHaveLength(3);
  });

  it('cannot write', async () => {
    const { exitCode, problems } = await psql('DELETE FROM trading.orders', 10, STACK);
    expect(exitCode).toBe(3);
    expect(problems).toContain('cannot execute DELETE in a read-only transaction');
  });
});
