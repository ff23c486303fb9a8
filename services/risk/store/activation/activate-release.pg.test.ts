import type { PoolClient } from 'pg';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { activateRelease as activate } from '../../../../test/harness/stores/active-release.ts';
import { useServiceDatabase } from '../../../../test/harness/stores/service-database.ts';
import { accountAfter } from '../../core/account-after.ts';
import { approval, CONTRACT_STACK as STACK, decisionsIn } from '../contract-decisions.ts';
import { riskStatements } from '../risk-store.ts';

const db = useServiceDatabase('risk');
const { decideAll } = decisionsIn(() => riskStatements(db.pool, STACK, { accountAfter }));
const activateNext = async () => await riskStatements(db.pool, STACK, { accountAfter }).activateRelease(NEXT);
const NEXT = { epoch: 2, release: 'r2' };
let session: PoolClient;

beforeEach(async () => {
  await activate(db.admin, STACK, undefined);
  await activate(db.admin, STACK, 'r1');
  session = await db.admin.connect();
});

afterEach(async () => {
  await session.query('ROLLBACK');
  session.release();
});

it('fails within seconds while another session holds the row, and holds up no decision', async () => {
  await session.query('BEGIN; SELECT FROM risk.active_release FOR UPDATE');
  const order: string[] = [];
  const failure = activateNext()
    .catch((error: unknown) => error)
    .finally(() => order.push('activation'));
  const decided = await decideAll(['one'], () => approval('one'));
  order.push('decision');
  expect(decided[0]?.kind).toBe('New');
  expect(await failure).toMatchObject({ message: 'another session holds the row of the active release of risk' });
  expect(order).toEqual(['decision', 'activation']);
  await session.query('ROLLBACK');
  expect(await activateNext()).toEqual(NEXT);
});

it('waits for the decisions in hand for longer than for the row', async () => {
  await session.query(`BEGIN; SELECT pg_advisory_xact_lock(hashtextextended('risk:' || '${STACK}', 0))`);
  let isActive = false;
  const activated = activateNext().finally(() => (isActive = true));
  await session.query('SELECT pg_sleep(2)');
  expect(isActive).toBe(false);
  await session.query('COMMIT');
  expect(await activated).toEqual(NEXT);
});
