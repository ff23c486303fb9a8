import { Pool, types, type PoolClient } from 'pg';
import type { Clock } from '../runtime/clock.ts';
import { messageOf } from '../runtime/errors.ts';
import { failed, OK, type CheckResult } from '../runtime/health.ts';
import type { Logger } from '../runtime/logger.ts';
import { periodic } from '../runtime/periodic.ts';
import type { ServicePart } from '../runtime/service-part.ts';

/** A pool, or a client inside a transaction: executes statements. */
export type Queryable = Pick<PoolClient, 'query'>;

export interface PoolOptions {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  /** Application name that pg_stat_activity shows. */
  readonly applicationName: string;
  readonly log: Logger;
  readonly max?: number;
  /** The server cancels a statement that runs longer. */
  readonly statementTimeoutMs?: number;
  readonly connectTimeoutMs?: number;
  readonly lockTimeoutMs?: number;
  /** The server ends a session that holds a transaction open and sends nothing for longer. */
  readonly idleInTransactionMs?: number;
  /** How long after the statement timeout a server that does not answer counts as unreachable. Default: 5 s. */
  readonly silenceMs?: number;
  /**
   * Commits wait until they survive a crash of the server, whatever the defaults of the role and of the database say.
   */
  readonly durable?: boolean;
  /**
   * Prepared statements are planned once per connection, for any values. Without it the server may plan them for each
   * execution, which takes longer than a short statement. Default: the server decides.
   */
  readonly plansOnce?: boolean;
}

/**
 * Creates a pool in which every wait is bounded. int8, numeric and arrays of them are returned as strings (a `number`
 * cannot hold them), timestamptz as Date.
 */
export function createPool(options: PoolOptions): Pool {
  const { applicationName, log, max = 5, statementTimeoutMs = 10_000, connectTimeoutMs = 5_000 } = options;
  const { host, port, database, user, password, lockTimeoutMs, silenceMs = 5_000 } = options;
  const { idleInTransactionMs = statementTimeoutMs + 5_000 } = options;
  const pool = new Pool({
    host,
    port,
    database,
    user,
    password,
    max,
    application_name: applicationName,
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    query_timeout: statementTimeoutMs + silenceMs,
    // A transaction abandoned by a hung process must not keep its locks.
    idle_in_transaction_session_timeout: idleInTransactionMs,
    keepAlive: true,
    types: { getTypeParser },
    // A start-up option outranks ALTER ROLE and ALTER DATABASE, and costs no round trip.
    ...startUpOptions(options),
    ...(lockTimeoutMs === undefined ? {} : { lock_timeout: lockTimeoutMs }),
  });
  pool.on('error', (error) => log.warn({ host, port, err: error }, 'idle postgres connection failed'));
  return pool;
}

/**
 * A plan for any values expects a stack of average size. Beside one with nearly all rows, which may have been deleted
 * long ago, it would read whole tables for a few rows, although each has an index for them, and compile the statement
 * for the rows that it expects, which takes far longer than to run it.
 */
const PLANNED_ONCE = ['-c plan_cache_mode=force_generic_plan', '-c enable_seqscan=off', '-c jit=off'];

function startUpOptions({ durable, plansOnce }: PoolOptions): { readonly options?: string } {
  const set = [...(durable === true ? ['-c synchronous_commit=on'] : []), ...(plansOnce === true ? PLANNED_ONCE : [])];
  return set.length === 0 ? {} : { options: set.join(' ') };
}

/** Ends the pool without waiting for a server that may be unreachable. For the end of a process. */
export async function closePool(pool: Pool): Promise<void> {
  if (pool.ended || pool.ending) return;
  await pool.end();
}

export interface PostgresProbe extends ServicePart {
  check(): CheckResult;
}

/**
 * Creates a probe that queries the database every few seconds over a connection of the pool. Its check fails with the
 * last error.
 */
export function createPostgresProbe(options: {
  readonly pool: Pool;
  readonly clock: Clock;
  readonly log: Logger;
  readonly intervalMs?: number;
}): PostgresProbe {
  const { pool, clock, log, intervalMs = 2_000 } = options;
  let lastError: string | undefined = 'not probed yet';
  const probe = periodic({
    name: 'postgres probe',
    intervalMs,
    clock,
    log,
    task: async () => {
      try {
        await pool.query('SELECT 1');
        lastError = undefined;
      } catch (error) {
        lastError = messageOf(error);
        throw error;
      }
    },
  });
  const { host = '', port = 0 } = pool.options;
  return {
    name: probe.name,
    run: async (signal) => await probe.run(signal),
    check: () =>
      lastError === undefined ? OK : failed('Unreachable', `Postgres at ${host}:${port} (spec.postgres): ${lastError}`),
  };
}

/** pg parses numeric arrays as floats, which loses digits; parsed as text arrays, they keep them. */
const NUMERIC_ARRAY = 1231;
const TEXT_ARRAY: number = 1009;

function getTypeParser(oid: number, format: 'text' | 'binary' = 'text'): unknown {
  return (types.getTypeParser as (oid: number, format: string) => unknown)(
    oid === NUMERIC_ARRAY ? TEXT_ARRAY : oid,
    format,
  );
}
