import { beforeEach, expect, it } from 'vitest';
import { activateRelease } from '../../../../test/harness/stores/active-release.ts';
import { useServiceDatabase } from '../../../../test/harness/stores/service-database.ts';
import { isGrantMissing } from '../../../shared/postgres/errors.ts';
import { accountAfter } from '../../core/account-after.ts';
import { approval, CONTRACT_STACK as STACK, decisionsIn } from '../contract-decisions.ts';
import { riskStatements } from '../risk-store.ts';
import { observeRelease } from './observe-release.ts';
import { renewRelease } from './renew-release.ts';

const db = useServiceDatabase('risk');
const look = async () => await observeRelease(db.pool, STACK);
const renew = async () => await renewRelease(db.pool, STACK, 'r1');
const heardAtMs = async () => (await look())?.heardAtMs ?? Number.NaN;

beforeEach(async () => {
  await activateRelease(db.admin, STACK, undefined);
  await activateRelease(db.admin, STACK, 'r1');
  await db.admin.query(`UPDATE risk.active_release SET heard_at = now() - interval '1 minute'`);
});

it('knows for how long a release has been active', async () => {
  await db.admin.query(`UPDATE risk.active_release SET activated_at = now() - interval '1 hour'`);
  expect((await look())?.activeForMs).toBeGreaterThanOrEqual(3_600_000);
  await db.admin.query(`UPDATE risk.active_release SET activated_at = now() + interval '1 hour'`);
  expect((await look())?.activeForMs).toBe(0);
});

it('a process whose right to write was revoked still learns that its release is active', async () => {
  const before = await heardAtMs();
  await db.admin.query('REVOKE UPDATE ON risk.active_release FROM risk');
  await expect(renew()).rejects.toSatisfy(isGrantMissing);
  expect(await look()).toMatchObject({ epoch: expect.any(Number), release: 'r1', heardAtMs: before });
  await db.admin.query('GRANT UPDATE ON risk.active_release TO risk');
  await renew();
  expect(await heardAtMs()).toBeGreaterThan(before + 59_000);
});

it('is neither renewed nor waited for while another session holds the row', async () => {
  const before = await heardAtMs();
  const session = await db.admin.connect();
  await session.query('BEGIN; SELECT FROM risk.active_release FOR UPDATE');
  try {
    const startedMs = performance.now();
    await renew();
    expect(await heardAtMs()).toBe(before);
    expect(performance.now() - startedMs).toBeLessThan(2_000);
  } finally {
    await session.query('ROLLBACK');
    session.release();
  }
  await renew();
  expect(await heardAtMs()).toBeGreaterThan(before);
});

it('hears no release in a time that is ahead of the clock of the record', async () => {
  const { decideAll } = decisionsIn(() => riskStatements(db.pool, STACK, { accountAfter }));
  const decided = async (id: string) => await decideAll([id], () => approval(id), undefined, { release: 'other' });
  await db.admin.query(`UPDATE risk.active_release SET heard_at = now() + interval '1 hour'`);
  expect(await decided('ahead')).toMatchObject([{ kind: 'New' }]);
  await db.admin.query('UPDATE risk.active_release SET heard_at = now()');
  expect(await decided('heard')).toMatchObject([{ reason: 'NotActiveRelease' }]);
});

it.each([
  ['an epoch that is no exact number', 'epoch = 9007199254740992'],
  ['the epoch 0', 'epoch = 0'],
  ['a release that is too long', `release = repeat('a', 65)`],
  ['no release', `release = ''`],
])('the row cannot have %s, with which no decision could read it', async (_what, change) => {
  await expect(db.admin.query(`UPDATE risk.active_release SET ${change}`)).rejects.toMatchObject({ code: '23514' });
});

it('has room for the longest release and the highest epoch', async () => {
  await db.admin.query(`UPDATE risk.active_release SET release = repeat('a', 64), epoch = 9007199254740991`);
  expect(await look()).toMatchObject({ epoch: Number.MAX_SAFE_INTEGER, release: 'a'.repeat(64) });
});

it('renews a time that is ahead, because the clock of the record went back', async () => {
  await db.admin.query(`UPDATE risk.active_release SET heard_at = now() + interval '1 hour'`);
  const before = await heardAtMs();
  await renew();
  expect(await heardAtMs()).toBeLessThan(before - 3_500_000);
});
