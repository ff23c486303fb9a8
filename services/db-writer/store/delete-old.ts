import type { Queryable } from '../../shared/postgres/pool.ts';
import type { MarketTable } from '../ports.ts';

/** Maximum rows per statement, so that it does not block other sessions. */
const BATCH = 1_000;

/**
 * Deletes one batch of the oldest rows received before `beforeMs` (UTC milliseconds), of any stack, because a deleted
 * stack cannot delete its own. Returns true when more rows may remain.
 */
export async function deleteOld(on: Queryable, table: MarketTable, beforeMs: number): Promise<boolean> {
  const { rowCount } = await on.query(
    `DELETE FROM market_data.${table} WHERE ctid = ANY (ARRAY(
       SELECT ctid FROM market_data.${table} WHERE received_at < $1 ORDER BY received_at LIMIT ${BATCH}))`,
    [new Date(beforeMs)],
  );
  return rowCount === BATCH;
}
