import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { Pool } from 'pg';
import { inject } from 'vitest';
import { CATALOGUE, databaseRoleOf } from '../../../services/shared/contracts/catalogue.ts';
import { applyGrants } from '../../../services/shared/postgres/grants.ts';
import { migrate, newestMigration } from '../../../services/shared/postgres/migrate.ts';
import { createPool } from '../../../services/shared/postgres/pool.ts';
import { createLogger } from '../../../services/shared/runtime/logger.ts';
import { activateRelease } from './active-release.ts';
import { TEST_STACK } from '../../fixtures/approved-orders.ts';
import type { PostgresAddress } from './private-postgres.ts';

export interface TestDatabase {
  /** Connection as superuser. Use `as` to connect with the grants of a service. */
  readonly options: PostgresAddress;
  readonly pool: Pool;
  /** Returns the connection of a service's own role, with only its grants. Requires `migrate`. */
  as(role: string): PostgresAddress;
  close(): Promise<void>;
}

export const MIGRATIONS = fileURLToPath(new URL('../../../services/shared/postgres/migrations', import.meta.url));

const log = createLogger({ name: 'test', level: 'silent' });

/**
 * Creates an empty database on the server of the run, for one test file. With `migrate`, it has the project's schema,
 * roles and grants, and the release `test` of risk is active in the stack of the tests.
 */
export async function createTestDatabase(options: { readonly migrate?: boolean } = {}): Promise<TestDatabase> {
  return await createDatabaseAt(inject('postgres'), options);
}

/** Creates the database on another server, such as a private one. */
export async function createDatabaseAt(
  server: PostgresAddress,
  options: { readonly migrate?: boolean } = {},
): Promise<TestDatabase> {
  const database = `test_${randomBytes(6).toString('hex')}`;
  const admin = createPool({ ...server, applicationName: 'test', log, max: 1 });
  await admin.query(`CREATE DATABASE ${database}`);
  const address = { ...server, database };
  const pool = createPool({ ...address, applicationName: 'test', log });
  if (options.migrate === true) {
    await createRoles(admin, server.password);
    await migrate({ pool, directory: MIGRATIONS, log });
    await applyGrants(pool, await newestMigration(MIGRATIONS));
    await activateRelease(pool, TEST_STACK, 'test');
  }
  return {
    options: address,
    pool,
    as: (role) => ({ ...address, user: role }),
    close: async () => {
      await pool.end();
      await admin.query(`DROP DATABASE ${database} WITH (FORCE)`);
      await admin.end();
    },
  };
}

/** Creates the service roles. Roles belong to the whole server, and several test files may create them concurrently. */
async function createRoles(admin: Pool, password: string): Promise<void> {
  for (const { name, database } of CATALOGUE) {
    if (database === undefined) continue;
    await admin.query(`DO $$ BEGIN CREATE ROLE ${databaseRoleOf(name)} LOGIN PASSWORD '${password}';
      EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$`);
  }
}
