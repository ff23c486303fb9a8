import type { Pool } from 'pg';

/** Makes a release of risk the active one of a stack, whatever was, as the operator does; undefined: none is. */
export async function activateRelease(pool: Pool, stack: string, release: string | undefined): Promise<void> {
  if (release === undefined) {
    await pool.query('DELETE FROM risk.active_release WHERE stack = $1', [stack]);
    return;
  }
  await pool.query(
    `INSERT INTO risk.active_release AS a (stack, epoch, release) VALUES ($1, 1, $2)
     ON CONFLICT (stack) DO UPDATE SET release = excluded.release, epoch = a.epoch + 1, heard_at = clock_timestamp()`,
    [stack, release],
  );
}

/** The active release of risk: execution takes entries of no other one. `none` if none is. */
export async function activeReleaseOf(pool: Pool, stack: string): Promise<string> {
  const sql = 'SELECT release FROM risk.active_release WHERE stack = $1';
  const { rows } = await pool.query<{ release: string }>(sql, [stack]);
  return rows[0]?.release ?? 'none';
}
