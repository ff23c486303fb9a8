import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, MIGRATIONS, type TestDatabase } from '../../../test/harness/stores/test-database.ts';
import { CATALOGUE, catalogueRow, databaseRoleOf } from '../contracts/catalogue.ts';
import { untilBlocked } from '../../../test/harness/stores/blocked-sessions.ts';
import { until } from '../../../test/harness/until.ts';
import { createLogger } from '../runtime/logger.ts';
import { applyGrants, RoleMissingError } from './grants.ts';
import { LOCK, migrate, newestMigration } from './migrate.ts';
import { createPool } from './pool.ts';

const log = createLogger({ name: 'test', level: 'silent' });
let empty: TestDatabase;
let full: TestDatabase;
let newest: number;

beforeAll(async () => {
  [empty, full] = await Promise.all([createTestDatabase(), createTestDatabase({ migrate: true })]);
  newest = await newestMigration(MIGRATIONS);
});
afterAll(async () => {
  await Promise.all([empty.close(), full.close()]);
});

function files(sql: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(tmpdir(), 'migrations-'));
  for (const [name, text] of Object.entries(sql)) writeFileSync(join(directory, name), text);
  return directory;
}

describe('migrate', () => {
  it('applies each file once, even when two processes start together', async () => {
    const directory = files({
      '000001_a_one.sql': 'CREATE TABLE one (id int)',
      '000002_a_two.sql': 'CREATE TABLE two (id int)',
    });
    const runs = await Promise.all([1, 2].map(async () => await migrate({ pool: empty.pool, directory, log })));
    expect(runs.map(({ applied }) => applied.length).sort((a, b) => a - b)).toEqual([0, 2]);
  });

  it('rolls back a file that fails, and keeps the files before it', async () => {
    const directory = files({
      '000001_a_one.sql': 'CREATE TABLE one (id int)',
      '000002_a_two.sql': 'CREATE TABLE two (id int)',
      '000003_a_three.sql': 'CREATE TABLE three (id int); CREATE TABLE one (id int)',
    });
    await expect(migrate({ pool: empty.pool, directory, log })).rejects.toMatchObject({
      code: 'StatementFailed',
      message: expect.stringContaining('000003_a_three.sql'),
    });
    const { rows } = await empty.pool.query(
      `SELECT to_regclass('three') AS three, max(version) AS newest FROM schema_migrations`,
    );
    expect(rows).toEqual([{ three: null, newest: 2 }]);
  });

  it('gives up soon when another session holds a lock, so that statements do not queue behind it, and succeeds later', async () => {
    const directory = files({
      '000001_a_one.sql': 'CREATE TABLE one (id int)',
      '000002_a_two.sql': 'CREATE TABLE two (id int)',
      '000003_a_one-more.sql': 'ALTER TABLE one ADD COLUMN more int',
    });
    const backup = await empty.pool.connect();
    await backup.query('BEGIN');
    await backup.query('SELECT FROM one');
    const migrating = migrate({ pool: empty.pool, directory, log }).catch((error: unknown) => error);
    const waiting = `SELECT FROM pg_locks JOIN pg_database d ON d.oid = database WHERE NOT granted AND datname = current_database()`;
    await until(async () => (await empty.pool.query(waiting)).rowCount === 1);
    await empty.pool.query('INSERT INTO one VALUES (1)');
    expect(await migrating).toMatchObject({ code: 'LockTaken' });
    await backup.query('COMMIT');
    backup.release();
    expect((await migrate({ pool: empty.pool, directory, log })).applied).toEqual(['000003_a_one-more.sql']);
  });

  it('rejects a file that changed after it was applied', async () => {
    const directory = files({ '000001_a_one.sql': 'CREATE TABLE one (id int) -- changed', '000002_a_two.sql': '' });
    await expect(migrate({ pool: empty.pool, directory, log })).rejects.toMatchObject({ code: 'ChecksumDiffers' });
  });

  it('applies no files when the database is up to date', async () => {
    const { applied, present } = await migrate({ pool: full.pool, directory: MIGRATIONS, log });
    expect(applied).toEqual([]);
    expect(present).toBeGreaterThan(0);
  });
});

describe('applyGrants', () => {
  it('grants each role exactly its rights on every run, and revokes any other', async () => {
    await full.pool.query('GRANT DELETE ON trading.orders TO risk');
    await full.pool.query('GRANT EXECUTE ON FUNCTION trading.delete_history TO risk');
    await applyGrants(full.pool, newest);
    const { rows } = await full.pool.query<{ role: string; right: string }>(
      `SELECT grantee AS role, table_schema || '.' || table_name || ' ' || privilege_type AS right
       FROM information_schema.role_table_grants WHERE grantee = ANY($1)
       UNION ALL SELECT grantee, routine_schema || '.' || routine_name || ' ' || privilege_type
       FROM information_schema.role_routine_grants WHERE grantee = ANY($1)`,
      [CATALOGUE.map(({ name }) => databaseRoleOf(name))],
    );
    const expected = CATALOGUE.flatMap(({ name, database = [] }) =>
      database.flatMap(({ on, privileges }) => privileges.map((right) => `${databaseRoleOf(name)} ${on} ${right}`)),
    );
    expect(rows.map(({ role, right }) => `${role} ${right}`).sort()).toEqual([...expected].sort());
  });

  it('makes the server reject statements without a grant', async () => {
    const risk = createPool({ ...full.as('risk'), applicationName: 'test', log });
    const refused = [
      'DELETE FROM trading.orders',
      'SELECT * FROM market_data.trades',
      'CREATE TABLE trading.mine (id int)',
    ];
    for (const sql of refused) await expect(risk.query(sql)).rejects.toMatchObject({ code: '42501' });
    const halt = `INSERT INTO trading.halts (stack, source, active, reason) VALUES ('s', 'risk', true, 'x') RETURNING active`;
    expect((await risk.query(halt)).rows).toEqual([{ active: true }]);
    // The sender of orders halts by itself, and records the commands that it receives.
    const execution = createPool({ ...full.as('execution'), applicationName: 'test', log });
    expect((await execution.query(halt)).rows).toEqual([{ active: true }]);
    await execution.end();
    const writer = createPool({ ...full.as('db_writer'), applicationName: 'test', log });
    await expect(writer.query(halt)).rejects.toMatchObject({ code: '42501' });
    await expect(writer.query('DELETE FROM trading.halts')).rejects.toMatchObject({ code: '42501' });
    await expect(risk.query(`SELECT trading.delete_history('s', 'halts', 90)`)).rejects.toMatchObject({
      code: '42501',
    });
    await writer.end();
    await risk.end();
  });

  it.each([
    ['risk', 'risk.cancel_requests'],
    ['execution', 'risk.cancel_requests'],
    ['execution', 'trading.fee_totals'],
  ] as const)('of an earlier release, which does not grant %s to read %s, leaves it able to', async (name, table) => {
    const earlier = CATALOGUE.map((row) =>
      row.name === name ? { ...row, database: (row.database ?? []).filter(({ on }) => on !== table) } : row,
    );
    await applyGrants(full.pool, newest, earlier);
    const service = createPool({ ...full.as(databaseRoleOf(name)), applicationName: 'test', log });
    expect((await service.query(`SELECT FROM ${table}`)).rows).toEqual([]);
    await service.end();
    await applyGrants(full.pool, newest);
  });

  describe('of an earlier release, beside or after a newer one', () => {
    const isGranted = async (right: string, on: string) => {
      const { rows } = await full.pool.query<{ has: boolean }>(`SELECT has_table_privilege('risk', $2, $1) AS has`, [
        right,
        on,
      ]);
      return rows[0]?.has;
    };
    const migrateFurther = `INSERT INTO public.schema_migrations (version, name, checksum) VALUES (999999, '999999_risk_newer.sql', '')`;

    beforeEach(async () => {
      await full.pool.query('GRANT DELETE ON trading.orders TO risk');
      await full.pool.query('REVOKE SELECT ON trading.positions FROM risk');
    });
    afterEach(async () => {
      await full.pool.query('DELETE FROM public.schema_migrations WHERE version = 999999');
      await applyGrants(full.pool, newest);
    });

    it('revokes nothing, because services of the newer release may still run, and grants what its own need', async () => {
      await full.pool.query(migrateFurther);
      expect(await applyGrants(full.pool, newest)).toBe('Added');
      expect(await isGranted('DELETE', 'trading.orders')).toBe(true);
      expect(await isGranted('SELECT', 'trading.positions')).toBe(true);
    });

    it('revokes what no release grants, once the database is as old as the release', async () => {
      expect(await applyGrants(full.pool, newest)).toBe('Exact');
      expect(await isGranted('DELETE', 'trading.orders')).toBe(false);
      expect(await isGranted('SELECT', 'trading.positions')).toBe(true);
    });

    it('waits for a newer one that is migrating, and then revokes nothing', async () => {
      const newer = await full.pool.connect();
      await newer.query('SELECT pg_advisory_lock($1)', [LOCK]);
      const granting = applyGrants(full.pool, newest);
      await untilBlocked(full.pool, 1);
      await newer.query(migrateFurther);
      newer.release(true);
      expect(await granting).toBe('Added');
      expect(await isGranted('DELETE', 'trading.orders')).toBe(true);
    });
  });

  it('reports missing roles before it changes anything', async () => {
    const unknown = { ...catalogueRow('risk'), name: 'missing-role' as 'risk' };
    await expect(applyGrants(full.pool, newest, [unknown])).rejects.toThrow(RoleMissingError);
  });
});
