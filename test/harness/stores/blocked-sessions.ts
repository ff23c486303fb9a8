import type { Pool } from 'pg';
import { until } from '../until.ts';

/** Resolves when so many sessions of the database wait for locks of others. */
export async function untilBlocked(pool: Pool, sessions: number): Promise<void> {
  const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
  await until(async () => (await pool.query(waiting)).rowCount === sessions, { what: `${sessions} blocked sessions` });
}
