import type { Pool, QueryConfig } from 'pg';
import { CommitUnknownError, isOutcomeUnknown, isPlanOutdated, isSessionLost, isTransient } from './errors.ts';

/** A statement that each connection prepares once, under its name. */
export interface PreparedStatement {
  readonly name: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

/** Maximum attempts when the server requires a retry: serialization failure, deadlock, outdated plan. */
const ATTEMPTS = 3;

/**
 * Runs one writing statement as a transaction of its own and returns its rows: one round trip, and the client never
 * holds a lock between two of them. Rejects with CommitUnknownError when the connection is lost before the reply: the
 * statement may have been committed. Any other error means that it was not.
 */
export async function commitStatement(
  pool: Pool,
  { name, text, values }: PreparedStatement,
): Promise<readonly unknown[]> {
  let query: QueryConfig = { name, text, values: [...values] };
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await once(pool, query);
    } catch (error) {
      if (attempt >= ATTEMPTS || !(isTransient(error) || isPlanOutdated(error))) throw error;
      // The other connections may have the same outdated plan. Without a name, the statement is parsed again.
      if (isPlanOutdated(error)) query = { text, values: [...values] };
    }
  }
}

async function once(pool: Pool, query: QueryConfig): Promise<readonly unknown[]> {
  const client = await pool.connect();
  // An error between two queries has no awaiting caller; the next query fails with it.
  const onError = (): void => {};
  client.on('error', onError);
  let broken = true;
  try {
    const { rows } = await client.query<object>(query);
    broken = false;
    return rows;
  } catch (error) {
    broken = isSessionLost(error) || isPlanOutdated(error);
    throw isOutcomeUnknown(error) ? new CommitUnknownError(error) : error;
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
}
