import type { TestProject } from 'vitest/node';
import { startPrivatePostgres, type PostgresAddress } from './private-postgres.ts';

declare module 'vitest' {
  interface ProvidedContext {
    postgres: PostgresAddress;
  }
}

/** One real Postgres a run; `createTestDatabase` gives each file a database of it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  // Nobody kills this one: what it has not written to the disk is safe.
  const server = await startPrivatePostgres({ fsync: 'off', full_page_writes: 'off' });
  project.provide('postgres', server.options);
  return async () => await server.stop();
}
