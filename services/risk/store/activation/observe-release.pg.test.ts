import { beforeEach, expect, it } from 'vitest';
import { activateRelease } from '../../../../test/harness/stores/active-release.ts';
import { useServiceDatabase } from '../../../../test/harness/stores/service-database.ts';
import { CONTRACT_STACK as STACK } from '../contract-decisions.ts';
import { observeRelease } from './observe-release.ts';

const db = useServiceDatabase('risk');

beforeEach(async () => {
  await activateRelease(db.admin, STACK, 'r1');
  await db.admin.query(`UPDATE risk.active_release SET heard_at = now() - interval '1 minute'`);
});

it('a process whose right to write was revoked still learns that its release is active', async () => {
  await db.admin.query('REVOKE UPDATE ON risk.active_release FROM risk');
  const active = { epoch: expect.any(Number), release: 'r1' };
  expect(await observeRelease(db.pool, STACK, { release: 'r1', works: true })).toMatchObject({
    ...active,
    isStale: true,
  });
  await db.admin.query('GRANT UPDATE ON risk.active_release TO risk');
  await observeRelease(db.pool, STACK, { release: 'r1', works: true });
  expect(await observeRelease(db.pool, STACK, { release: 'r1', works: true })).toMatchObject({
    ...active,
    isStale: false,
  });
});
