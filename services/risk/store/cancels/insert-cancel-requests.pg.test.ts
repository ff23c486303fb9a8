import { afterAll, beforeAll, expect, it } from 'vitest';
import { untilBlocked } from '../../../../test/harness/stores/blocked-sessions.ts';
import { createTestDatabase, type TestDatabase } from '../../../../test/harness/stores/test-database.ts';
import { createPool } from '../../../shared/postgres/pool.ts';
import { createLogger } from '../../../shared/runtime/logger.ts';
import { insertCancelRequests } from './insert-cancel-requests.ts';

const STACK = 'demo-12345678';
let database: TestDatabase;
let pool: ReturnType<typeof createPool>;

beforeAll(async () => {
  database = await createTestDatabase({ migrate: true });
  const log = createLogger({ name: 'test', level: 'silent' });
  pool = createPool({ ...database.as('risk'), applicationName: 'risk', log });
});

afterAll(async () => {
  await pool.end();
  await database.close();
});

it('does not deadlock with the other process of a rollout, which requests the same in another order', async () => {
  const request = async (...ids: readonly string[]) =>
    await insertCancelRequests(
      pool,
      STACK,
      Date.now(),
      ids.map((clientOrderId) => ({ clientOrderId, symbol: 'XRP/ETH', reason: 'Leaving' })),
    );
  // Holds one of the rows that both insert until both have inserted what they insert before it.
  const third = await database.pool.connect();
  await third.query('BEGIN');
  await third.query(`INSERT INTO risk.cancel_requests VALUES ('m', $1, 'XRP/ETH', 'Leaving', now())`, [STACK]);
  const both = Promise.allSettled([request('a', 'm', 'z'), request('z', 'm', 'a')]);
  await untilBlocked(database.pool, 2);
  await third.query('ROLLBACK');
  third.release();
  expect(await both).toEqual(Array.from({ length: 2 }, () => ({ status: 'fulfilled', value: undefined })));
  expect((await pool.query('SELECT FROM risk.cancel_requests')).rowCount).toBe(3);
});
