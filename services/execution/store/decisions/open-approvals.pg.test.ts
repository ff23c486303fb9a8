import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { approvedOrder, insertApproval, TEST_STACK } from '../../../../test/fixtures/approved-orders.ts';
import { createTestDatabase, type TestDatabase } from '../../../../test/harness/stores/test-database.ts';
import { createPool } from '../../../shared/postgres/pool.ts';
import { createLogger } from '../../../shared/runtime/logger.ts';
import { intendedOrder } from '../../core/order-record.ts';
import { findApproval } from './find-approval.ts';
import { createCommitIntent } from '../orders/commit-intent.ts';
import { raiseFence } from '../fence/raise-fence.ts';
import type { OpenApprovals } from '../../ports.ts';
import { createOpenApprovals } from './open-approvals.ts';

const first = approvedOrder('d1');
const second = approvedOrder('d2', { decidedAt: first.decidedAt + 1 });
let database: TestDatabase;
let pool: ReturnType<typeof createPool>;
let openApprovals: (except: readonly string[]) => Promise<OpenApprovals>;

beforeAll(async () => {
  database = await createTestDatabase({ migrate: true });
  // Connects with the role of the service, so that its grants are tested too.
  const log = createLogger({ name: 'test', level: 'silent' });
  pool = createPool({ ...database.as('execution'), applicationName: 'execution', log });
});

afterAll(async () => {
  await pool.end();
  await database.close();
});

beforeEach(async () => {
  await database.pool.query('TRUNCATE risk.decisions, trading.orders CASCADE');
  openApprovals = createOpenApprovals(pool, TEST_STACK);
  await insertApproval(database.pool, second);
  await insertApproval(database.pool, first);
});

it('returns approvals, oldest first, until they have an order', async () => {
  expect(await openApprovals([])).toEqual({ orders: [first, second], malformed: [] });
  expect(await findApproval(pool, TEST_STACK, 'd1')).toEqual(first);
  const fence = { epoch: 1, holder: 'me' };
  await raiseFence(pool, TEST_STACK, fence);
  const intent = intendedOrder({ order: first, instrument: undefined, epoch: 1, intendedAtMs: first.decidedAt });
  expect(await createCommitIntent(pool, TEST_STACK)(fence, intent)).toBe('Committed');
  expect((await openApprovals([])).orders).toEqual([second]);
  expect(await findApproval(pool, TEST_STACK, 'd1')).toBeUndefined();
});

it('returns the other approvals when one cannot be parsed, and leaves out the IDs in `except`', async () => {
  await database.pool.query(
    `UPDATE risk.decisions SET approved_order = approved_order - 'price' WHERE decision_id = 'd1'`,
  );
  const found = await openApprovals([]);
  expect(found.orders).toEqual([second]);
  expect(found.malformed).toMatchObject([{ decisionId: 'd1', problem: /price/, payload: { decisionId: 'd1' } }]);
  expect(await openApprovals(['d1'])).toEqual({ orders: [second], malformed: [] });
  expect(await findApproval(pool, TEST_STACK, 'd1')).toBeUndefined();
});

it('returns old approvals while any are left, and recent ones always', async () => {
  expect((await openApprovals([])).orders).toEqual([first, second]);
  expect((await openApprovals([])).orders).toEqual([first, second]);
  // Both are left out now. From here on it reads recent approvals only, and all again after 600 reads.
  expect((await openApprovals(['d1', 'd2'])).orders).toEqual([]);
  const recent = approvedOrder('d3', { decidedAt: Date.now() });
  await insertApproval(database.pool, recent);
  for (let read = 1; read <= 600; read += 1) expect((await openApprovals([])).orders).toEqual([recent]);
  expect((await openApprovals([])).orders).toEqual([first, second, recent]);
});

it('leaves out a recent approval that has an order, as the view does', async () => {
  expect((await openApprovals(['d1', 'd2'])).orders).toEqual([]);
  const recent = approvedOrder('d3', { decidedAt: Date.now() });
  await insertApproval(database.pool, recent);
  expect((await openApprovals([])).orders).toEqual([recent]);
  const fence = { epoch: 1, holder: 'me' };
  await raiseFence(pool, TEST_STACK, fence);
  const intent = intendedOrder({ order: recent, instrument: undefined, epoch: 1, intendedAtMs: recent.decidedAt });
  expect(await createCommitIntent(pool, TEST_STACK)(fence, intent)).toBe('Committed');
  expect((await openApprovals([])).orders).toEqual([]);
});
