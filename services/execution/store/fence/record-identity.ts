import { z } from 'zod';
import type { Queryable } from '../../../shared/postgres/pool.ts';
import type { RecordIdentity } from '../../core/record-identity.ts';

/**
 * The timeline of the database. The name of the current WAL file begins with it, which changes at once when a replica
 * is promoted; the control file has it only after the next checkpoint.
 */
export const TIMELINE = `('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::int`;

/**
 * The count grows with each intent, in the statement that commits it, so it goes back exactly when the database loses
 * one. A sequence would not do: it is logged 32 values ahead, and after a crash or on a replica it is beyond what was
 * lost. $1 stack.
 */
const RECORD_IDENTITY = `
SELECT c.system_identifier::text AS "systemId", ${TIMELINE} AS timeline,
  coalesce((SELECT commits FROM trading.execution_fence WHERE stack = $1), 0)::float8 AS commits
FROM pg_control_system() c`;

const identityRow = z.object({ systemId: z.string(), timeline: z.int(), commits: z.int() });

/** Returns the identity of the database, and how far the record of the stack in it has come. */
export async function recordIdentity(on: Queryable, stack: string): Promise<RecordIdentity> {
  const { rows } = await on.query(RECORD_IDENTITY, [stack]);
  return identityRow.parse(rows[0]);
}
