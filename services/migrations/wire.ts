import { catalogueRow } from '../shared/contracts/catalogue.ts';
import { isPostgresUnavailable } from '../shared/postgres/errors.ts';
import { applyGrants, RoleMissingError } from '../shared/postgres/grants.ts';
import { migrate, MigrationError, newestMigration } from '../shared/postgres/migrate.ts';
import { closePool, createPool } from '../shared/postgres/pool.ts';
import type { ServiceModules, ServicePlan } from '../shared/runtime/run-service.ts';
import { resource } from '../shared/runtime/service-part.ts';
import type { Config } from './config.ts';
import { createMigrationJob } from './service.ts';

const WAIT_MS = 300_000;
/**
 * An index of a large table takes minutes. When the client gives up on a statement, the server goes on with it, and
 * keeps the locks.
 */
const STATEMENT_MS = 3_600_000;

/** Builds clients and parts from the configuration; decides nothing. */
export function wireMigrations(config: Config, { clock, log, health }: ServiceModules): ServicePlan {
  const { postgres } = config;
  const pool = createPool({
    ...postgres,
    applicationName: 'migrations',
    log,
    max: 2,
    statementTimeoutMs: STATEMENT_MS,
  });
  const job = createMigrationJob({
    database: {
      migrate: async () => await migrate({ pool, directory: config.directory, log }),
      applyGrants: async () => await applyGrants(pool, await newestMigration(config.directory)),
      maySucceedLater: (error) =>
        error instanceof RoleMissingError ||
        isPostgresUnavailable(error instanceof MigrationError ? error.cause : error),
    },
    address: `Postgres at ${postgres.host}:${postgres.port} (spec.postgres)`,
    clock,
    log,
    waitMs: WAIT_MS,
  });
  health.add('database', () => job.check());
  return {
    port: config.environment.port ?? catalogueRow('migrations').port,
    parts: [resource('postgres', async () => await closePool(pool)), job],
    figures: () => job.figures(),
    exitWhenDone: true,
  };
}
