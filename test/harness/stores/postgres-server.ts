import type { TestProject } from 'vitest/node';
import { startPrivatePostgres, type PostgresAddress } from './private-postgres.ts';

declare module 'vitest' {
  interface ProvidedContext {
    postgres: PostgresAddress;
  }
}

/** Starts one real Postgres per run. `createTestDatabase` creates a database in it for each test file. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  // No test kills this server, so unwritten data is safe.
  const server = await startPrivatePostgres({ fsync: 'off', full_page_writes: 'off' });
  project.provide('postgres', server.options);
  return async () => await server.stop();
}
