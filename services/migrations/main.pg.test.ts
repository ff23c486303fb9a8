import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/harness/stores/test-database.ts';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));
let test: TestDatabase;

beforeAll(async () => {
  test = await createTestDatabase({ migrate: true });
});
afterAll(async () => await test.close());

/** Runs the job as a process, with the settings and secrets that the operator mounts. */
async function runJob(options: { readonly directory?: string; readonly password?: string } = {}) {
  const mount = mkdtempSync(join(tmpdir(), 'migrations-job-'));
  const { host, port, database, user, password } = test.options;
  const stack = { id: 'demo-12345678', name: 'demo', namespace: 'trading', mode: 'Paper' };
  writeFileSync(join(mount, 'settings.json'), JSON.stringify({ stack, postgres: { host, port, database, user } }));
  mkdirSync(join(mount, 'platform'));
  writeFileSync(join(mount, 'platform/postgres-password'), options.password ?? password);
  const env = {
    SETTINGS_FILE: join(mount, 'settings.json'),
    SECRETS_DIR: mount,
    PORT: '0',
    ...(options.directory === undefined ? {} : { MIGRATIONS_DIR: options.directory }),
  };
  const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}

describe('the migrations job as a process', () => {
  it('exits with 0 when the database is up to date', async () => {
    const { code, output } = await runJob();
    expect(code).toBe(0);
    expect(output).toContain('database is up to date');
  });

  it('exits with 0 after a newer release, and leaves its rights', async () => {
    await test.pool.query(
      `INSERT INTO public.schema_migrations (version, name, checksum) VALUES (999999, '999999_a_b.sql', '')`,
    );
    await test.pool.query('GRANT DELETE ON trading.orders TO risk');
    const { code, output } = await runJob();
    expect(code).toBe(0);
    expect(output).toContain('a newer release has migrated the database');
    const { rows } = await test.pool.query(`SELECT has_table_privilege('risk', 'trading.orders', 'DELETE') AS kept`);
    expect(rows).toEqual([{ kept: true }]);
    await test.pool.query('DELETE FROM public.schema_migrations WHERE version = 999999');
    expect((await runJob()).output).not.toContain('a newer release');
    expect(
      (await test.pool.query(`SELECT has_table_privilege('risk', 'trading.orders', 'DELETE') AS kept`)).rows,
    ).toEqual([{ kept: false }]);
  });

  it('exits with 65 and names the file when a migration is rejected', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'migrations-'));
    writeFileSync(join(directory, '000001_platform_schemas.sql'), 'SELECT 1');
    const { code, output } = await runJob({ directory });
    expect(code).toBe(65);
    expect(output).toContain('000001_platform_schemas.sql was changed after it was applied');
  });

  it('exits with 78 without its secret, and names the Secret and key', async () => {
    const { code, output } = await runJob({ password: '' });
    expect(code).toBe(78);
    expect(output).toContain('set the key \\"postgres-password\\" of the Secret \\"platform-migrations\\"');
  });
});
