import { beforeEach, expect, it } from 'vitest';
import { approvedOrder, insertApproval, TEST_STACK } from '../../../../test/fixtures/approved-orders.ts';
import { useServiceDatabase } from '../../../../test/harness/stores/service-database.ts';
import { intendedOrder } from '../../core/order-record.ts';
import { findApproval } from './find-approval.ts';
import { createCommitIntent } from '../orders/commit-intent.ts';
import { raiseFence } from '../fence/raise-fence.ts';
import type { OpenApprovals } from '../../ports.ts';
import { openApprovals as readOpenApprovals } from './open-approvals.ts';

const first = approvedOrder('d1');
const second = approvedOrder('d2', { decidedAt: first.decidedAt + 1 });
const db = useServiceDatabase('execution');
const openApprovals = async (except: readonly string[]): Promise<OpenApprovals> =>
  await readOpenApprovals(db.pool, TEST_STACK, except);

beforeEach(async () => {
  await db.admin.query('TRUNCATE risk.decisions, trading.orders CASCADE');
  await insertApproval(db.admin, second);
  await insertApproval(db.admin, first);
});

it('returns approvals, oldest first, until they have an order', async () => {
  expect(await openApprovals([])).toEqual({ orders: [first, second], malformed: [] });
  expect(await findApproval(db.pool, TEST_STACK, 'd1')).toEqual(first);
  const fence = { epoch: 1, holder: 'me', approvedBy: first.release };
  await raiseFence(db.pool, TEST_STACK, fence);
  const intent = intendedOrder({ order: first, instrument: undefined, epoch: 1, intendedAtMs: first.decidedAt });
  expect(await createCommitIntent(db.pool, TEST_STACK)(fence, intent)).toBe('Committed');
  expect((await openApprovals([])).orders).toEqual([second]);
  expect(await findApproval(db.pool, TEST_STACK, 'd1')).toBeUndefined();
});

it('returns the other approvals when one cannot be parsed, and leaves out the IDs in `except`', async () => {
  await db.admin.query(`UPDATE risk.decisions SET approved_order = approved_order - 'price' WHERE decision_id = 'd1'`);
  const found = await openApprovals([]);
  expect(found.orders).toEqual([second]);
  expect(found.malformed).toMatchObject([{ decisionId: 'd1', problem: /price/, payload: { decisionId: 'd1' } }]);
  expect(await openApprovals(['d1'])).toEqual({ orders: [second], malformed: [] });
  expect(await findApproval(db.pool, TEST_STACK, 'd1')).toBeUndefined();
});

it('returns recent approvals beside any number of old ones', async () => {
  const recent = approvedOrder('recent', { decidedAt: Date.now() });
  await insertApproval(db.admin, recent);
  for (let n = 0; n < 120; n += 1) await insertApproval(db.admin, approvedOrder(`old${n}`));
  const { orders } = await openApprovals([]);
  expect(orders).toHaveLength(101);
  expect(orders.at(-1)).toEqual(recent);
});

it('looks at nothing that has an order, however many there are', async () => {
  await insertSettled(2_500);
  const recent = approvedOrder('d3', { decidedAt: Date.now() });
  await insertApproval(db.admin, recent);
  expect((await openApprovals([])).orders).toEqual([first, second, recent]);
  const { rows } = await db.admin.query('SELECT decision_id FROM risk.waiting ORDER BY 1');
  expect(rows.map((row: { readonly decision_id: string }) => row.decision_id)).toEqual(['d1', 'd2', 'd3']);
});

/** Inserts old approvals that have orders, newer than the two of each test. */
async function insertSettled(count: number): Promise<void> {
  const values = [TEST_STACK, count];
  await db.admin.query(
    `INSERT INTO trading.orders (stack, client_order_id, decision_id, strategy, symbol, side, type, price, quantity, reserved_asset, reserved,
       epoch, risk_hash, deadline, state, filled)
     SELECT $1, 'h' || i, 'h' || i, 'trend', 'XRP/ETH', 'buy', 'LIMIT', 1, 1, 'ETH', 1, 1, 'h', now(), 'Filled', 1 FROM generate_series(1, $2::int) i`,
    values,
  );
  await db.admin.query(
    `INSERT INTO risk.decisions (stack, decision_id, strategy, symbol, approved, code, detail, inputs, client_order_id, approved_order, deadline,
       release, decided_at)
     SELECT $1, 'h' || i, 'trend', 'XRP/ETH', true, 'Approved', '', '{}', 'h' || i, '{}', now(), 'r', now() - (i / 10 + 1) * interval '1 hour'
     FROM generate_series(1, $2::int) i`,
    values,
  );
}
