import type { Pool, PoolClient } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { TEST_STACK } from '../../../../test/fixtures/approved-orders.ts';
import { createTestDatabase, type TestDatabase } from '../../../../test/harness/stores/test-database.ts';
import { parseDecimal } from '../../../shared/domain/decimal.ts';
import { transferOf } from '../../../shared/domain/ledger.ts';
import { createPool } from '../../../shared/postgres/pool.ts';
import { systemClock } from '../../../shared/runtime/clock.ts';
import { createLogger } from '../../../shared/runtime/logger.ts';
import { NOTHING_COMPARED } from '../../core/swap/compared-ages.ts';
import { manualEffects } from '../../core/reconcile/manual-trade.ts';
import { observe } from '../../core/order-decider.ts';
import { effectsOf } from '../../core/order-effects.ts';
import { openDatabase, ORDER_PATH } from '../../clients/open-database.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const modules = { observe, effectsOf, transferOf, manualEffects, clock: systemClock, log };
/** How soon the next sender must be able to take over from one that has stopped. */
const TAKE_OVER_MS = 5_000;
let database: TestDatabase;
let stopped: Pool;
let session: PoolClient;
let next: ReturnType<typeof openDatabase>;

beforeAll(async () => {
  database = await createTestDatabase({ migrate: true });
});
beforeEach(async () => {
  next = openDatabase(database.as('execution'), TEST_STACK, modules);
  await next.store.raiseFence({ epoch: 1, holder: 'stopped' });
  stopped = createPool({ ...database.as('execution'), ...ORDER_PATH, applicationName: 'stopped', log });
  session = await stopped.connect();
  session.on('error', () => {});
  await session.query('BEGIN');
});
afterEach(async () => {
  session.release(true);
  await stopped.end();
  await next.close();
});
afterAll(async () => await database.close());

it.each([
  ['in a grant', 'SELECT FROM trading.execution_fence WHERE stack = $1 FOR UPDATE'],
  ['in a halt', `INSERT INTO trading.halts (stack, source, active, reason) VALUES ($1, 'desk', false, '')`],
])('takes over from a sender that has stopped %s, before its time is up', async (_where, statement) => {
  await session.query(statement, [TEST_STACK]);
  const startMs = performance.now();
  expect(await next.store.raiseFence({ epoch: 2, holder: 'next' })).toMatchObject({ granted: true });
  expect(performance.now() - startMs).toBeLessThan(TAKE_OVER_MS);
});

it('records notes again before its time is up after a sender has stopped in one', async () => {
  await session.query(`SELECT pg_advisory_xact_lock(hashtextextended('outbox:' || $1, 0))`, [TEST_STACK]);
  const startMs = performance.now();
  expect(await next.store.openLedger(new Map([['ETH', parseDecimal('1')]]))).toBe(true);
  expect(performance.now() - startMs).toBeLessThan(TAKE_OVER_MS);
});

it('counts how long ago the fence was released from the release, not from the grant before it', async () => {
  const held = { epoch: 10, holder: 'me' };
  await next.store.raiseFence(held);
  await database.pool.query(`UPDATE trading.execution_fence SET granted_at = granted_at - interval '1 hour'`);
  expect(await next.store.releaseFence(held, NOTHING_COMPARED)).toBe(true);
  const { released } = await next.store.raiseFence({ epoch: 11, holder: 'next' });
  expect(released?.agoMs).toBeLessThan(600_000);
});
