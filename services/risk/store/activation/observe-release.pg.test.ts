import { beforeEach, expect, it } from 'vitest';
import { activateRelease } from '../../../../test/harness/stores/active-release.ts';
import { useServiceDatabase } from '../../../../test/harness/stores/service-database.ts';
import { CONTRACT_STACK as STACK } from '../contract-decisions.ts';
import { observeRelease } from './observe-release.ts';

const db = useServiceDatabase('risk');
const look = async (release: string) => await observeRelease(db.pool, STACK, { release, works: true });

beforeEach(async () => {
  await activateRelease(db.admin, STACK, 'r1');
  await db.admin.query(`UPDATE risk.active_release SET heard_at = now() - interval '1 minute'`);
});

it('knows for how long a release has been active', async () => {
  await db.admin.query(`UPDATE risk.active_release SET activated_at = now() - interval '1 hour'`);
  expect((await look('other'))?.activeForMs).toBeGreaterThanOrEqual(3_600_000);
  await db.admin.query(`UPDATE risk.active_release SET activated_at = now() + interval '1 hour'`);
  expect((await look('other'))?.activeForMs).toBe(0);
});

it('a process whose right to write was revoked still learns that its release is active', async () => {
  const before = await look('other');
  await db.admin.query('REVOKE UPDATE ON risk.active_release FROM risk');
  expect(await look('r1')).toMatchObject({ epoch: expect.any(Number), release: 'r1' });
  expect(await look('other')).toMatchObject({ heardAtMs: before?.heardAtMs });
  await db.admin.query('GRANT UPDATE ON risk.active_release TO risk');
  await look('r1');
  expect((await look('other'))?.heardAtMs).toBeGreaterThan((before?.heardAtMs ?? 0) + 59_000);
});

it('renews a time that is ahead, because the clock of the record went back', async () => {
  await db.admin.query(`UPDATE risk.active_release SET heard_at = now() + interval '1 hour'`);
  const before = await look('r1');
  expect((await look('r1'))?.heardAtMs).toBeLessThan((before?.heardAtMs ?? 0) - 3_500_000);
});
