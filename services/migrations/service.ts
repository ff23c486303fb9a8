import type { Clock } from '../shared/runtime/clock.ts';
import { ExitError, messageOf } from '../shared/runtime/errors.ts';
import { failed, OK, type CheckResult } from '../shared/runtime/health.ts';
import type { Logger } from '../shared/runtime/logger.ts';
import { pause } from '../shared/runtime/periodic.ts';
import type { ServicePart } from '../shared/runtime/service-part.ts';

/** Operations of the job on the database, in this order. Each may be repeated. */
export interface Database {
  migrate(): Promise<{ readonly applied: readonly string[]; readonly present: number }>;
  /** `Added`: nothing was revoked, because a newer release has migrated the database. */
  applyGrants(): Promise<'Exact' | 'Added'>;
  /** Returns whether the error means that the database or its roles do not exist yet, so that waiting may help. */
  maySucceedLater(error: unknown): boolean;
}

export interface MigrationJob extends ServicePart {
  check(): CheckResult;
  figures(): Readonly<Record<string, string | number | null>>;
}

/** sysexits.h EX_TEMPFAIL: a retry may succeed. EX_DATAERR: the files or the database must be changed first. */
export const EXIT_UNAVAILABLE = 75;
export const EXIT_REFUSED = 65;

const RETRY_MS = 2_000;

/**
 * Creates a job that migrates the database, grants the roles their rights, then ends. While Postgres or a role is
 * missing it waits and reports the reason. It ends with EXIT_UNAVAILABLE when that lasts longer than `waitMs`, and with
 * EXIT_REFUSED when a migration cannot be applied.
 */
export function createMigrationJob(options: {
  readonly database: Database;
  /** Address of the database in messages, and the setting that defines it. */
  readonly address: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly waitMs: number;
}): MigrationJob {
  const { database, address, clock, log, waitMs } = options;
  let applied = 0;
  let waitingFor: string | null = address;

  const attempt = async (): Promise<boolean> => {
    try {
      const result = await database.migrate();
      applied += result.applied.length;
      const grants = await database.applyGrants();
      waitingFor = null;
      if (grants === 'Added') log.warn('a newer release has migrated the database, so no rights were revoked');
      log.info({ applied: result.applied, present: result.present }, 'database is up to date');
      return true;
    } catch (error) {
      if (!database.maySucceedLater(error)) {
        throw new ExitError(EXIT_REFUSED, 'MigrationRefused', messageOf(error), { cause: error });
      }
      waitingFor = `${address}: ${messageOf(error)}`;
      return false;
    }
  };

  return {
    name: 'migrations',
    run: async (signal) => {
      const startedMs = clock.monotonicMs();
      while (!signal.aborted && !(await attempt())) {
        const waitedMs = Math.round(clock.monotonicMs() - startedMs);
        if (waitedMs >= waitMs) {
          throw new ExitError(EXIT_UNAVAILABLE, 'PostgresUnavailable', `waited ${waitedMs} ms: ${waitingFor}`);
        }
        log.info({ waitedMs, waitMs, waitingFor }, 'waiting for the database');
        await pause(clock, RETRY_MS, signal);
      }
    },
    check: () => (waitingFor === null ? OK : failed('PostgresUnavailable', waitingFor)),
    figures: () => ({ applied, waitingFor }),
  };
}
