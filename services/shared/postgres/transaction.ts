import type { Pool, PoolClient } from 'pg';
import { CommitUnknownError, isTransient, sqlState } from './errors.ts';
import type { Queryable } from './pool.ts';

export interface TransactionOptions {
  readonly isolation?: 'read committed' | 'repeatable read' | 'serializable';
  /** Tries in all where the server asks for another one (serialization failure, deadlock). */
  readonly attempts?: number;
}

/**
 * Runs `work` in one transaction and commits it. Rolls back and rethrows what `work` throws. Throws CommitUnknownError when the
 * connection was lost while COMMIT was under way. `work` runs again after a serialization failure: it may touch nothing else.
 */
export async function transaction<T>(
  pool: Pool,
  work: (client: Queryable) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  const { isolation = 'read committed', attempts = 3 } = options;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await once(pool, work, isolation);
    } catch (error) {
      if (attempt >= attempts || !isTransient(error)) throw error;
    }
  }
}

async function once<T>(pool: Pool, work: (client: Queryable) => Promise<T>, isolation: string): Promise<T> {
  const client = await pool.connect();
  // An error between two queries has nobody waiting for it; the next query fails with it.
  const onError = (): void => {};
  client.on('error', onError);
  let broken: Error | undefined;
  try {
    await client.query(`BEGIN ISOLATION LEVEL ${isolation}`);
    const result = await worked(client, work);
    await commit(client);
    return result;
  } catch (error) {
    // What the server reported leaves a usable connection, anything else one to throw away.
    if (sqlState(error) === undefined) broken = error instanceof Error ? error : new Error(String(error));
    throw error;
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
}

async function worked<T>(client: PoolClient, work: (client: Queryable) => Promise<T>): Promise<T> {
  try {
    return await work(client);
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    throw error;
  }
}

async function commit(client: PoolClient): Promise<void> {
  try {
    const { command } = await client.query('COMMIT');
    // A transaction in which a statement failed, and the failure was swallowed, is rolled back by COMMIT without an error.
    if (command !== 'COMMIT') throw new RolledBackError();
  } catch (error) {
    if (error instanceof RolledBackError) throw error;
    // Class 57P is the server going away: it may have committed first.
    const state = sqlState(error);
    if (state === undefined || state.startsWith('57P')) throw new CommitUnknownError(error);
    throw error;
  }
}

/** The work swallowed an error of one of its statements: a defect, nothing was committed. */
export class RolledBackError extends Error {
  readonly code = 'RolledBack';

  constructor() {
    super('the transaction was rolled back: one of its statements had failed');
    this.name = 'RolledBackError';
  }
}
