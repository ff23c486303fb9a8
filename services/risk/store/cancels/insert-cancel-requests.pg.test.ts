import { expect, it } from 'vitest';
import { untilBlocked } from '../../../../test/harness/stores/blocked-sessions.ts';
import { useServiceDatabase } from '../../../../test/harness/stores/service-database.ts';
import { insertCancelRequests } from './insert-cancel-requests.ts';

const STACK = 'demo-12345678';
const db = useServiceDatabase('risk');

it('does not deadlock with the other process of a rollout, which requests the same in another order', async () => {
  const request = async (...ids: readonly string[]) =>
    await insertCancelRequests(
      db.pool,
      STACK,
      Date.now(),
      ids.map((clientOrderId) => ({ clientOrderId, symbol: 'XRP/ETH', reason: 'Leaving' })),
    );
  // Holds one of the rows that both insert until both have inserted what they insert before it.
  const third = await db.admin.connect();
  await third.query('BEGIN');
  await third.query(`INSERT INTO risk.cancel_requests VALUES ('m', $1, 'XRP/ETH', 'Leaving', now())`, [STACK]);
  const both = Promise.allSettled([request('a', 'm', 'z'), request('z', 'm', 'a')]);
  await untilBlocked(db.admin, 2);
  await third.query('ROLLBACK');
  third.release();
  expect(await both).toEqual(Array.from({ length: 2 }, () => ({ status: 'fulfilled', value: undefined })));
  expect((await db.pool.query('SELECT FROM risk.cancel_requests')).rowCount).toBe(3);
});
