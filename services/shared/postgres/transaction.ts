import type { Pool, PoolClient } from 'pg';
import {
  CommitUnknownError,
  isConnectionError,
  isOutcomeUnknown,
  isPlanOutdated,
  isTransient,
  sqlState,
} from './errors.ts';
import type { Queryable } from './pool.ts';

export interface TransactionOptions {
  readonly isolation?: 'read committed' | 'repeatable read' | 'serializable';
  /** Maximum attempts when the server requires a retry: serialization failure, deadlock. Default: 3. */
  readonly attempts?: number;
}

/**
 * Runs `work` in one transaction and commits it. Rolls back and rethrows an error of `work`. Throws CommitUnknownError
 * when the connection is lost during COMMIT. `work` runs again after a serialization failure, and on another connection
 * when a prepared statement can no longer run, so it must have no effects outside the transaction.
 */
export async function transaction<T>(
  pool: Pool,
  work: (client: Queryable) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  const { isolation = 'read committed', attempts = 3 } = options;
  let conflicts = 0;
  let replaced = 0;
  for (;;) {
    try {
      return await once(pool, work, isolation);
    } catch (error) {
      if (isPlanOutdated(error)) replaced += 1;
      else if (isTransient(error)) conflicts += 1;
      else throw error;
      // Every connection of the pool may have prepared the statement before: each is replaced once.
      if (conflicts >= attempts || replaced > pool.options.max) throw error;
    }
  }
}

async function once<T>(pool: Pool, work: (client: Queryable) => Promise<T>, isolation: string): Promise<T> {
  const client = await pool.connect();
  // An error between two queries has no awaiting caller; the next query fails with it.
  const onError = (): void => {};
  client.on('error', onError);
  let broken: Error | undefined;
  try {
    await client.query(`BEGIN ISOLATION LEVEL ${isolation}`);
    const result = await runWork(client, work);
    await commit(client);
    return result;
  } catch (error) {
    // An error that the server reported leaves the connection usable, unless it is about its prepared statements; after
    // any other error it is discarded.
    if (sqlState(error) === undefined || isPlanOutdated(error))
      broken = error instanceof Error ? error : new Error(String(error));
    throw error;
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
}

async function runWork<T>(client: PoolClient, work: (client: Queryable) => Promise<T>): Promise<T> {
  try {
    return await work(client);
  } catch (error) {
    // On a connection that does not answer, it would wait as long as the statement before it. It is closed instead.
    if (!isConnectionError(error)) await client.query('ROLLBACK').catch(() => {});
    throw error;
  }
}

async function commit(client: PoolClient): Promise<void> {
  try {
    const { command } = await client.query('COMMIT');
    // If a statement failed and the work swallowed the error, COMMIT rolls back without an error.
    if (command !== 'COMMIT') throw new RolledBackError();
  } catch (error) {
    if (error instanceof RolledBackError) throw error;
    throw isOutcomeUnknown(error) ? new CommitUnknownError(error) : error;
  }
}

/** The work swallowed an error of one of its statements. This is a defect; no changes were committed. */
export class RolledBackError extends Error {
  readonly code = 'RolledBack';

  constructor() {
    super('transaction rolled back: one of its statements failed and the error was ignored');
    this.name = 'RolledBackError';
  }
}
