import type { Pool } from 'pg';
import { afterAll, beforeAll } from 'vitest';
import { createPool } from '../../../services/shared/postgres/pool.ts';
import { createLogger } from '../../../services/shared/runtime/logger.ts';
import { createTestDatabase, type TestDatabase } from './test-database.ts';

export interface ServiceDatabase {
  /** As superuser. */
  readonly admin: Pool;
  /** As the role of the service: its grants are part of the test. */
  readonly pool: Pool;
}

/** Gives the tests of a file a migrated database, from before the first of them until after the last. */
export function useServiceDatabase(role: string): ServiceDatabase {
  let opened: { readonly database: TestDatabase; readonly pool: Pool } | undefined;
  beforeAll(async () => {
    const database = await createTestDatabase({ migrate: true });
    const log = createLogger({ name: 'test', level: 'silent' });
    opened = { database, pool: createPool({ ...database.as(role), applicationName: role, log }) };
  });
  afterAll(async () => {
    await opened?.pool.end();
    await opened?.database.close();
  });
  const open = () => {
    if (opened === undefined) throw new Error('the database is open during the tests only');
    return opened;
  };
  return {
    get admin() {
      return open().database.pool;
    },
    get pool() {
      return open().pool;
    },
  };
}
